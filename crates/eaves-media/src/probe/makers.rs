//! Where the cameras of common makers keep their streams.
//!
//! From the makers' published documentation. Order matters: a camera is asked for one path after the other, so the paths
//! of many cameras come first, and those that a camera answers for any path come last.

/// A maker's paths.
pub(super) struct Maker {
    /// Whose.
    #[allow(dead_code, reason = "the table would be unreadable without it")]
    pub(super) name: &'static str,
    /// The stream in full quality.
    pub(super) main: &'static str,
    /// The smaller one, if there is one.
    pub(super) sub: Option<&'static str>,
}

const fn maker(name: &'static str, main: &'static str, sub: &'static str) -> Maker {
    Maker { name, main, sub: if sub.is_empty() { None } else { Some(sub) } }
}

/// The table.
pub(super) const MAKERS: &[Maker] = &[
    maker("Hikvision, Annke, HiLook", "/Streaming/Channels/101", "/Streaming/Channels/102"),
    maker("Dahua, Amcrest, Lorex", "/cam/realmonitor?channel=1&subtype=0", "/cam/realmonitor?channel=1&subtype=1"),
    maker("Reolink", "/h264Preview_01_main", "/h264Preview_01_sub"),
    maker("Reolink (H.265)", "/h265Preview_01_main", "/h264Preview_01_sub"),
    maker("TP-Link Tapo, Kasa, Vigi", "/stream1", "/stream2"),
    maker("Axis", "/axis-media/media.amp", "/axis-media/media.amp?resolution=640x360"),
    maker("Uniview", "/media/video1", "/media/video2"),
    maker("Foscam", "/videoMain", "/videoSub"),
    maker("Hanwha, Samsung", "/profile2/media.smp", "/profile3/media.smp"),
    maker("Bosch", "/rtsp_tunnel?inst=1", "/rtsp_tunnel?inst=2"),
    maker("Vivotek", "/live1s1.sdp", "/live1s2.sdp"),
    maker("Sony, Panasonic", "/MediaInput/h264/stream_1", "/MediaInput/h264/stream_2"),
    maker("Ubiquiti UniFi (stand-alone)", "/s0", "/s2"),
    maker("Wyze, Xiaofang", "/live", ""),
    maker("ONVIF samples", "/onvif1", "/onvif2"),
    maker("ONVIF profiles", "/onvif/profile1/media.smp", "/onvif/profile2/media.smp"),
    maker("Generic (channel 0)", "/ch0_0.h264", "/ch0_1.h264"),
    maker("Generic (channel 1)", "/11", "/12"),
    maker("Generic (live)", "/live/ch00_0", "/live/ch00_1"),
    maker("Generic (video)", "/video1", "/video2"),
    maker("Generic (cam)", "/cam", "/cam-sub"),
    maker("Anything", "/", ""),
];

/// The paths at which to look for the sub stream of a main stream that was found at `path` (with its query).
pub(super) fn sub_paths(path: &str) -> Vec<String> {
    let mut found: Vec<String> = MAKERS
        .iter()
        .filter(|maker| maker.main.eq_ignore_ascii_case(path))
        .filter_map(|maker| maker.sub.map(str::to_owned))
        .collect();
    // Other channels of recorders, and habits that many share.
    for (main, sub) in
        [("subtype=0", "subtype=1"), ("_main", "_sub"), ("Main", "Sub"), ("stream1", "stream2"), ("video1", "video2")]
    {
        if path.contains(main) {
            found.push(path.replace(main, sub));
        }
    }
    if let Some(channel) = path.strip_suffix("01").filter(|rest| rest.contains("/Channels/")) {
        found.push(format!("{channel}02"));
    }
    if !path.contains(['?', '.']) && path.len() > 1 && !path.ends_with('/') {
        found.push(format!("{path}-sub"));
        found.push(format!("{path}_sub"));
    }
    found.dedup();
    found.truncate(4);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sub_stream_is_looked_for_beside_the_main_stream() {
        let first = |path| sub_paths(path).into_iter().next();
        assert_eq!(first("/Streaming/Channels/301").as_deref(), Some("/Streaming/Channels/302"));
        assert_eq!(first("/stream1").as_deref(), Some("/stream2"));
        assert_eq!(
            first("/cam/realmonitor?channel=4&subtype=0").as_deref(),
            Some("/cam/realmonitor?channel=4&subtype=1")
        );
        assert_eq!(first("/garden").as_deref(), Some("/garden-sub"));
        assert_eq!(first("/"), None);
    }

    #[test]
    fn every_path_of_the_table_is_one() {
        for maker in MAKERS {
            for path in [Some(maker.main), maker.sub].into_iter().flatten() {
                assert!(path.starts_with('/') && !path.contains([' ', '#', '@']), "{}: {path}", maker.name);
            }
        }
    }
}
