/** @file English for reasons: why something did not happen, and what to do about it. */
import type { AlarmKind, Cause, Holder, ProbeStep, ProbeWarning, ProblemCode } from "../../domain/home.ts";

export interface Reason {
  /** What is so. */
  readonly what: string;
  /** What to do next. */
  readonly next: string;
}

const r = (what: string, next: string): Reason => ({ what, next });

/** `what` also stands alone, on the timeline. */
export const causeText: Record<Cause, Reason> = {
  "camera-not-found": r("The camera is not on the network", "Check that it has power and Wi-Fi. Perhaps its address has changed."),
  "camera-refused": r("The camera refused the connection", "Restart the camera. If that does not help, look in its own app whether video streaming (RTSP) is turned on."),
  "camera-timed-out": r("The camera did not answer", "Check its power and network. Your hub keeps trying."),
  "camera-stalled": r("The camera stopped sending pictures", "Your hub has started the connection anew. If it happens often, restart the camera."),
  "camera-closed": r("The camera ended the connection", "Cameras do this when they restart. Your hub keeps trying."),
  "camera-wrong-password": r("The camera’s password is no longer right", "Open Rooms, choose the settings of this camera, and type the new password."),
  "camera-path-missing": r("The camera has no video at this address", "Its own settings may have changed. Open Rooms, choose the settings of this camera, and type its address again."),
  "camera-busy": r("The camera is watched by too many", "Close other programs that watch this camera. Your hub keeps trying."),
  "camera-codec-unknown": r("The camera sends a kind of video that Eaves cannot read", "Set it to H.264 in the camera’s own app."),
  "camera-format-changed": r("The camera changed its video settings", "Nothing to do. Recording went on right after."),
  "clock-changed": r("The clock of the hub was set anew", "Nothing to do. Recording went on right after."),
  "hub-stopped": r("The hub was switched off", "Nothing to do. It was shut down in good order."),
  "hub-crashed": r("The hub lost power or stopped by itself", "Check its power supply if this happens again."),
  "disk-full": r("The disk was full", "Make room on the disk, or add a bigger one."),
  "spool-full": r("The vault was away for too long", "The hub ran out of room to wait. Check the connection between hub and vault."),
  "kit-missing": r("Waiting for your recovery kit", "Make your recovery kit. Recording starts then."),
  "turned-off": r("Turned off by a member", "Turn it on again on the camera’s page."),
  "not-armed": r("Records only while the home is armed", "Arm the home, or let the room record at all times."),
  "settings-changed": r("A member changed the settings", "Nothing to do. Recording went on right after."),
  "not-shared": r("Recorded before you were let in", "Whoever let you in chose to show you only what came after."),
  erased: r("Erased by a member", "It cannot be brought back."),
  expired: r("Kept as long as your rule says, then erased", "Nothing to do."),
  unknown: r("No pictures arrived", "Check the camera’s power and network. Your hub keeps trying."),
};

export const alarmText: Record<AlarmKind, Reason> = {
  missing: r("Recordings are missing here, and nobody said why", "Your hub recorded something that the vault does not give out. If you did not erase it, someone else took it away. Ask whoever runs the vault."),
  changed: r("This recording was changed after your hub sealed it, so it is not shown", "Someone or something altered the file where it is kept. Ask whoever runs the vault."),
  stranger: r("This does not come from your hub, so it is not shown", "Someone tried to slip in a recording. Ask whoever runs the vault."),
  misplaced: r("This recording belongs to another camera, so it is not shown", "Recordings were mixed up where they are kept. Ask whoever runs the vault."),
  "rolled-back": r("The vault shows an older state than this device has seen before", "Newer recordings may be hidden from you. Ask whoever runs the vault."),
};

export const holderText: Record<Holder, string> = {
  "hub-memory": "the hub’s memory",
  "hub-spool": "the hub’s disk",
  "vault-bodies": "the vault’s files",
  "vault-index": "the vault’s list of recordings",
  "key-tree": "the vault’s keys",
  backup: "a backup",
  other: "another place",
};

export const probeText: { readonly steps: Record<ProbeStep, string>; readonly warnings: Record<ProbeWarning, Reason> } = {
  steps: {
    "looking-up": "Looking up the address",
    connecting: "Connecting",
    "signing-in": "Signing in to the camera",
    describing: "Asking what it can do",
    "waiting-for-picture": "Waiting for the first picture",
  },
  warnings: {
    "default-password": r("This is the password that the camera was sold with", "Anybody can look it up. Change it in the camera’s own app soon, then add the camera with the new one."),
    "no-password": r("This camera has no password", "Everybody on your network can watch it. Set one in the camera’s own app."),
    "may-not-play-here": r("This browser cannot play this kind of video", "It is recorded all the same, and you can save it as a file. Set the camera to H.264 to watch it here."),
    "no-sub-stream": r("It has only one video", "Live tiles use the full video. That is fine for a few cameras."),
  },
};

export const problemText: Record<ProblemCode, Reason> = {
  cancelled: r("Stopped", "Nothing was changed."),
  "vault-unreachable": r("Eaves does not answer", "Check your network, then try again."),
  "hub-unreachable": r("Your hub does not answer", "Check that it is switched on and on the network, then try again."),
  "signed-out": r("You are not signed in any more", "Please sign in again."),
  "not-allowed": r("You may not do this", "Ask the owner of the home."),
  "vault-not-believed": r(
    "What this box shows does not belong to your home",
    "Nothing of it was used. Somebody may have changed what is stored there. Do not type your password or kit again before you know why.",
  ),
  "not-found": r("This is not here", "It may have been removed. Go back and look again."),
  gone: r("This was erased", "It cannot be brought back."),
  conflict: r("Somebody else changed this at the same time", "Look at it again, then try once more."),
  "too-many-tries": r("Too many tries", "Wait a little."),
  "storage-full": r("There is no room left", "Erase something or add a bigger disk."),
  "unsupported-browser": r("This browser lacks something that Eaves needs", "Use a current Chrome, Edge, Firefox or Safari, at an address that starts with https or at localhost."),
  unexpected: r("Something went wrong in the app", "Try again. If it happens again, please tell us what is in the details."),
  "claim-code-wrong": r("This code is not right, or not right any more", "Compare it with the one on the box’s screen. A code works once, and for ten minutes; restart the box to get a new one."),
  "claim-code-expired": r("This code is too old", "Restart the box. It prints a new one."),
  "already-claimed": r("This box belongs to somebody already", "If it is you, sign in. If it should be you and is not, disconnect the box."),
  "name-or-password-wrong": r("The name or the password is not right", "Check both and try again. If you forgot the password, use your recovery kit."),
  "password-too-short": r("The password is too short", "Use 15 characters or more."),
  "kit-wrong": r("This kit does not fit this name", "Check the name. A kit also stops working when a newer one was made."),
  "password-wrong": r("This is not your password", "Check it and try again, or use another way."),
  "second-step-wrong": r("That was not right", "Check it and try again, or take another way."),
  "second-step-over": r("That took too long, or was wrong too often", "Please start again from the beginning."),
  "approval-denied": r("Your other device did not say yes", "Start again, and tap the number that is shown here. If you did not say no yourself, look at your other devices."),
  "passkey-not-used": r("No passkey was used", "You stopped it, it took too long, or there is none for this home on this device. Try again, or type your password."),
  "passkey-wrong": r("This passkey does not let you in", "It may have been removed, or it belongs to another address. Sign in with your password."),
  "passkey-there-already": r("This device has a passkey for you already", "You can use it to sign in."),
  "passkey-without-key": r("This passkey cannot open recordings", "It signs you in all the same. Your password is asked for after it."),
  "passkeys-need-a-name": r("Passkeys do not work at this address", "They need an address with a name. Whoever set up the box can give it one."),
  "last-way-in": r("This is your last way in", "Add another way in first, so that you are not locked out."),
  "code-wrong": r("This code is not right", "Each code holds for 30 seconds. Type the one that the app shows now."),
  "step-up-needed": r("Please show once more that it is you", "Try again, and answer the question."),
  "powers-wait": r("This has to wait for a day", "You came in with your recovery kit. Use a device that was signed in before, or try again tomorrow."),
  "kit-mistyped": r("There is a typing mistake in the kit", "Compare it with your paper, group by group."),
  "kit-groups-differ": r("These groups are not those of the kit", "Look at your paper again."),
  "invite-mistyped": r("The link is not complete", "Copy the whole link again, or ask for a new one."),
  "invite-over": r("This invitation does not work any more", "It was used, taken back, or is older than three days. Ask whoever invited you for a new one."),
  "name-in-use": r("Somebody signs in with this name already", "Please choose another name, for example with your family name."),
  "name-empty": r("The name is empty", "Please type a name."),
  "name-taken": r("There is one with this name already", "Please choose another name."),
  "room-not-empty": r("There are still cameras in this room", "Remove the cameras first."),
  "camera-address-invalid": r("This is not an address that a camera can have", "Type something like 192.168.1.20, or a whole rtsp:// address."),
  "camera-address-forbidden": r("Eaves does not connect to this address", "Type the camera’s own address in your home network."),
  "camera-name-not-found": r("There is nothing with this name on your network", "Check the spelling, or type the camera’s number address, such as 192.168.1.20."),
  "camera-no-route": r("The camera cannot be reached at this address", "Check that the camera has power, and that it is on the same network as your hub."),
  "camera-refused": r("Something is there, but it takes no video connections", "Turn on video streaming (RTSP) in the camera’s own app. If it uses another port, add it to the address, such as 192.168.1.20:8554."),
  "camera-timed-out": r("The camera did not answer in time", "Check that it is switched on and not too far from your Wi-Fi, then try again."),
  "camera-not-rtsp": r("Something answers there, but it is not a camera’s video", "Check the address and the port. Video streaming is called RTSP and mostly uses port 554."),
  "camera-wrong-password": r("The camera says that the user name or password is wrong", "Type the user name and password of the camera itself, not those of its app’s account."),
  "camera-password-needed": r("This camera wants a user name and a password", "They are in the camera’s own app or on its label."),
  "camera-path-missing": r("The camera is there, but has no video at this address", "Look up the whole rtsp:// address in the camera’s manual, and type it in."),
  "camera-busy": r("The camera is watched by too many already", "Close other programs that watch it, then try again."),
  "camera-codec-unknown": r("The camera sends a kind of video that Eaves cannot read", "Set it to H.264 or H.265 in the camera’s own app."),
  "camera-no-video": r("The camera answers, but sends no video", "Check in the camera’s own app that its picture is turned on."),
  "camera-already-added": r("This camera is here already", "You find it on Home."),
  "recording-changed": r("This recording was changed after your hub sealed it, so it is not shown", "Someone or something altered the file where it is kept. Ask whoever runs the vault."),
  "recording-not-ours": r("This does not come from your hub, so it is not shown", "Someone tried to slip in a recording. Ask whoever runs the vault."),
  "recording-incomplete": r("The end of this recording is missing, and your hub did not say so", "Part of the file is gone where it is kept. Ask whoever runs the vault."),
  "recording-no-key": r("This was recorded before you could see this room", "Ask the owner if you should see older recordings."),
  "codec-not-playable": r("This browser cannot play this kind of video (H.265)", "Save it as a file and open it with another player, or set the camera to H.264."),
  "live-not-available": r("There is no live picture now", "You can still watch what is recorded."),
  "live-not-believed": r("This live picture does not come from your camera now, so it is not shown", "Someone tried to show you another one, or one from before. Ask whoever runs the vault. Your hub goes on recording."),
  "not-erased": r("The vault says that this is erased, and shows it all the same", "Do not count on it being gone. Erase it again, and ask whoever runs the vault."),
  "not-waiting": r("This does not wait any more", "It holds already, or somebody else stopped it. Look at what the room says now."),
  "too-late": r("Your hub got this too late, so it did nothing", "Check that the clock of this device is right, then do it again. If the clock is right, someone held your wish back: ask whoever runs the vault."),
};
