//! A coarse name of browser and system for the list of sessions, from a fixed list: never the header itself.

/// `Firefox on Android`, or as much of it as is known.
pub fn name(user_agent: Option<&str>) -> String {
    let agent = user_agent.unwrap_or("");
    let first = |table: &[(&str, &'static str)], otherwise: &'static str| {
        table.iter().find(|(mark, _)| agent.contains(mark)).map_or(otherwise, |(_, name)| name)
    };
    // The order matters: nearly every browser also claims to be the ones further down.
    let browser = first(
        &[
            ("Firefox/", "Firefox"),
            ("FxiOS/", "Firefox"),
            ("Edg/", "Edge"),
            ("EdgA/", "Edge"),
            ("OPR/", "Opera"),
            ("SamsungBrowser/", "Samsung Internet"),
            ("CriOS/", "Chrome"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ],
        "A browser",
    );
    let system = first(
        &[
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Windows", "Windows"),
            ("Mac OS X", "macOS"),
            ("CrOS", "ChromeOS"),
            ("Linux", "Linux"),
        ],
        "an unknown system",
    );
    format!("{browser} on {system}")
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn the_name_comes_from_the_list_and_never_from_the_header() {
        let firefox = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0";
        assert_eq!(name(Some(firefox)), "Firefox on Android");
        assert_eq!(name(Some("<script>alert(1)</script>")), "A browser on an unknown system");
        assert_eq!(name(None), "A browser on an unknown system");
    }
}
