-- Who watched which camera live, and when: shown to the camera's audience, removed after ninety days.
CREATE TABLE view (
    household TEXT NOT NULL,
    device TEXT NOT NULL,
    member TEXT NOT NULL,
    from_us INTEGER NOT NULL,
    to_us INTEGER NOT NULL
) STRICT;
CREATE INDEX view_by_time ON view (household, to_us);
