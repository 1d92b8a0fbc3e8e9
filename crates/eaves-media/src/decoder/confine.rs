//! What a decoder child gives up before it sees the first foreign byte.
//!
//! Three layers, none of which needs privileges: Landlock (no file, no TCP port), resource limits (memory, processor
//! time, no core dump, no further descriptor) and seccomp, the strictest: a system call that is not on the list is
//! refused, and those on it are bound to the descriptors 0, 1 and 2.

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus,
};
use rustix::fs::{Dir, Mode, OFlags, open};
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use std::collections::BTreeMap;
use std::os::fd::AsRawFd;

/// Why a child is not confined. It must end then.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfineError {
    #[error("a descriptor besides 0, 1 and 2 is open")]
    Descriptors,
    #[error("the kernel refused a limit")]
    Limits(#[from] rustix::io::Errno),
    #[error("the kernel has no Landlock")]
    Landlock,
    #[error("the kernel refused the system call filter")]
    Seccomp,
}

impl From<landlock::RulesetError> for ConfineError {
    fn from(_: landlock::RulesetError) -> Self {
        Self::Landlock
    }
}

impl From<seccompiler::Error> for ConfineError {
    fn from(_: seccompiler::Error) -> Self {
        Self::Seccomp
    }
}

impl From<seccompiler::BackendError> for ConfineError {
    fn from(_: seccompiler::BackendError) -> Self {
        Self::Seccomp
    }
}

/// The descriptors that are open besides 0, 1 and 2 (and those that the listing itself needs).
pub(super) fn inherited_descriptors() -> Result<Vec<i32>, ConfineError> {
    let folder = open("/proc/self/fd", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let listing = Dir::read_from(&folder)?;
    let own = [folder.as_raw_fd(), listing.fd()?.as_raw_fd()];
    let mut found = Vec::new();
    for entry in listing {
        let number = entry?.file_name().to_str().ok().and_then(|name| name.parse().ok());
        found.extend(number.filter(|number| *number > 2 && !own.contains(number)));
    }
    Ok(found)
}

/// Closes what the parent, or whoever started it, leaked, and fails if anything is left.
pub(super) fn drop_descriptors() -> Result<(), ConfineError> {
    for number in inherited_descriptors()? {
        // An integer is nobody's descriptor here: the process has just begun.
        let _ = nix::unistd::close(number);
    }
    if inherited_descriptors()?.is_empty() { Ok(()) } else { Err(ConfineError::Descriptors) }
}

fn limit(resource: Resource, value: u64) -> Result<(), ConfineError> {
    Ok(setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?)
}

/// For the child that decodes: nothing is left but memory, the three pipes and the end.
pub(super) fn for_pictures() -> Result<(), ConfineError> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // An older kernel has less of Landlock or none; the system call filter below does not depend on it.
    Ruleset::default()
        .handle_access(AccessFs::from_all(ABI::V5))?
        .handle_access(AccessNet::from_all(ABI::V5))?
        .create()?
        .restrict_self()?;
    limit(Resource::As, 512 << 20)?;
    limit(Resource::Cpu, 60)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Nofile, 3)?;
    apply(picture_rules()?, SeccompAction::Errno(libc::EPERM as u32), SeccompAction::Allow)
}

/// For the child that becomes `ffmpeg`: it may read and run what that program consists of.
pub(super) fn for_ffmpeg(program: &str) -> Result<(), ConfineError> {
    let access = AccessFs::Execute | AccessFs::ReadFile | AccessFs::ReadDir;
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(ABI::V1))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(ABI::V5))?
        .handle_access(AccessNet::from_all(ABI::V5))?
        .create()?;
    for folder in ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"] {
        if let Ok(path) = PathFd::new(folder) {
            ruleset = ruleset.add_rule(PathBeneath::new(path, access))?;
        }
    }
    let path = PathFd::new(program).map_err(|_| ConfineError::Landlock)?;
    ruleset = ruleset.add_rule(PathBeneath::new(path, AccessFs::Execute | AccessFs::ReadFile))?;
    for file in ["/etc/ld.so.cache", "/dev/null"] {
        if let Ok(path) = PathFd::new(file) {
            ruleset = ruleset.add_rule(PathBeneath::new(path, AccessFs::ReadFile))?;
        }
    }
    if ruleset.restrict_self()?.ruleset == RulesetStatus::NotEnforced {
        return Err(ConfineError::Landlock);
    }
    limit(Resource::As, 2 << 30)?;
    limit(Resource::Data, 768 << 20)?;
    limit(Resource::Cpu, 10)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Nofile, 16)?;
    apply(ffmpeg_rules()?, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM as u32))?;
    // The C library falls back to `clone`, whose flags the filter above can see.
    apply(BTreeMap::from([(libc::SYS_clone3, vec![])]), SeccompAction::Allow, SeccompAction::Errno(libc::ENOSYS as u32))
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn apply(rules: Rules, otherwise: SeccompAction, on_match: SeccompAction) -> Result<(), ConfineError> {
    let arch = std::env::consts::ARCH.try_into().map_err(|_| ConfineError::Seccomp)?;
    let program: BpfProgram = SeccompFilter::new(rules, otherwise, on_match, arch)?.try_into()?;
    Ok(seccompiler::apply_filter(&program)?)
}

fn when(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompRule, ConfineError> {
    Ok(SeccompRule::new(vec![SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)?])?)
}

/// What the decoder may do.
fn picture_rules() -> Result<Rules, ConfineError> {
    let eq = |argument, value| when(argument, SeccompCmpOp::Eq, value);
    // Memory that can be executed cannot be had.
    let no_exec = || when(2, SeccompCmpOp::MaskedEq(libc::PROT_EXEC as u64), 0);
    let mut rules = Rules::from([
        (libc::SYS_read, vec![eq(0, 0)?]),
        (libc::SYS_write, vec![eq(0, 1)?, eq(0, 2)?]),
        (libc::SYS_mmap, vec![no_exec()?]),
        (libc::SYS_mprotect, vec![no_exec()?]),
    ]);
    for call in [
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_brk,
        libc::SYS_madvise,
        libc::SYS_futex,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_rt_sigreturn,
        libc::SYS_rt_sigprocmask,
        libc::SYS_sigaltstack,
        libc::SYS_clock_gettime,
        libc::SYS_gettimeofday,
        libc::SYS_getrandom,
        libc::SYS_sched_getaffinity,
        libc::SYS_sched_yield,
        libc::SYS_restart_syscall,
    ] {
        rules.insert(call, vec![]);
    }
    Ok(rules)
}

/// What `ffmpeg` may not do. It starts threads and loads libraries, so this is a list of refusals; files are the
/// business of Landlock.
fn ffmpeg_rules() -> Result<Rules, ConfineError> {
    let mut rules = Rules::new();
    for call in [
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_sendmmsg,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_open,
        libc::SYS_pidfd_getfd,
        libc::SYS_pidfd_send_signal,
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_rt_sigqueueinfo,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_io_uring_setup,
        libc::SYS_userfaultfd,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_kexec_load,
        libc::SYS_open_by_handle_at,
        libc::SYS_memfd_create,
        libc::SYS_shmget,
        libc::SYS_msgget,
        libc::SYS_mq_open,
        libc::SYS_inotify_init1,
    ] {
        rules.insert(call, vec![]);
    }
    // Threads, but no processes.
    rules.insert(libc::SYS_clone, vec![when(0, SeccompCmpOp::MaskedEq(libc::CLONE_THREAD as u64), 0)?]);
    #[cfg(target_arch = "x86_64")]
    for call in [libc::SYS_fork, libc::SYS_vfork] {
        rules.insert(call, vec![]);
    }
    Ok(rules)
}
