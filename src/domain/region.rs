//! Where a model's unpaid tier may not be offered: its terms want paid quota for people in the EEA, the United Kingdom and Switzerland
//! (dossier gemini.md §6). Judged by the operator's country and by the person's own time zone, whichever says so.

/// ISO 3166-1 codes of the EEA, the United Kingdom and Switzerland.
const COUNTRIES: [&str; 33] = [
    "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT",
    "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "UK",
];
/// Names that operators write instead, in lower case.
const NAMES: [&str; 34] = [
    "austria",
    "belgium",
    "bulgaria",
    "switzerland",
    "schweiz",
    "cyprus",
    "czechia",
    "czech republic",
    "germany",
    "deutschland",
    "denmark",
    "estonia",
    "spain",
    "finland",
    "france",
    "united kingdom",
    "great britain",
    "england",
    "greece",
    "croatia",
    "hungary",
    "ireland",
    "iceland",
    "italy",
    "liechtenstein",
    "lithuania",
    "luxembourg",
    "latvia",
    "malta",
    "netherlands",
    "norway",
    "poland",
    "portugal",
    "romania",
];
/// The rest of the names.
const MORE_NAMES: [&str; 3] = ["sweden", "slovenia", "slovakia"];
/// Zones of the continent that lie outside.
const EUROPE_OUTSIDE: [&str; 20] = [
    "Istanbul",
    "Moscow",
    "Kaliningrad",
    "Samara",
    "Saratov",
    "Volgograd",
    "Astrakhan",
    "Ulyanovsk",
    "Kirov",
    "Simferopol",
    "Minsk",
    "Kiev",
    "Kyiv",
    "Uzhgorod",
    "Zaporozhye",
    "Chisinau",
    "Tiraspol",
    "Belgrade",
    "Sarajevo",
    "Skopje",
];
/// More of them.
const EUROPE_OUTSIDE_TOO: [&str; 5] = ["Podgorica", "Tirane", "Andorra", "Monaco", "San_Marino"];
/// Zones elsewhere that lie inside.
const INSIDE_ELSEWHERE: [&str; 27] = [
    "Atlantic/Reykjavik",
    "Atlantic/Canary",
    "Atlantic/Azores",
    "Atlantic/Madeira",
    "Africa/Ceuta",
    "Asia/Nicosia",
    "Asia/Famagusta",
    "Arctic/Longyearbyen",
    "Atlantic/Jan_Mayen",
    "Atlantic/Faeroe",
    "Atlantic/Faroe",
    "America/Martinique",
    "America/Guadeloupe",
    "America/Marigot",
    "America/Cayenne",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Iceland",
    "GB-Eire",
    "GB",
    "Eire",
    "Poland",
    "Portugal",
    // Names of old that stand for Brussels, Athens and Lisbon.
    "CET",
    "MET",
    "EET",
    "WET",
];

/// Whether somebody there may be served on paid quota only.
#[must_use]
pub fn needs_paid_quota(country: &str, zone: &str) -> bool {
    let country = country.trim();
    let is_country = COUNTRIES.contains(&country.to_ascii_uppercase().as_str())
        || NAMES.iter().chain(&MORE_NAMES).any(|name| country.eq_ignore_ascii_case(name));
    // Zones are found whatever the case of their letters, so they are judged that way.
    let is_one = |list: &[&str], name: &str| list.iter().any(|one| one.eq_ignore_ascii_case(name));
    let is_zone = match zone.split_once('/') {
        Some((area, city)) if area.eq_ignore_ascii_case("Europe") => {
            !is_one(&EUROPE_OUTSIDE, city) && !is_one(&EUROPE_OUTSIDE_TOO, city)
        }
        Some(_) | None => is_one(&INSIDE_ELSEWHERE, zone),
    };
    is_country || is_zone
}

/// Whether neither says anything: then the person is asked to.
#[must_use]
pub fn is_unknown(country: &str, zone: &str) -> bool {
    const NOWHERE: [&str; 11] =
        ["", "UTC", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich", "Zulu", "Universal", "UCT", "Factory"];
    let is_nowhere = NOWHERE.iter().any(|one| one.eq_ignore_ascii_case(zone));
    let is_etc = zone.split_once('/').is_some_and(|(area, _)| area.eq_ignore_ascii_case("Etc"));
    country.trim().is_empty() && (is_nowhere || is_etc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn country_or_zone_says_so() {
        for (country, zone) in [
            ("DE", "UTC"),
            ("Germany", "UTC"),
            ("", "Europe/Berlin"),
            ("JP", "Europe/London"),
            ("", "Atlantic/Reykjavik"),
            ("", "America/Martinique"),
            ("", "America/Guadeloupe"),
            ("", "America/Cayenne"),
            ("", "Indian/Reunion"),
            ("", "Indian/Mayotte"),
            ("", "CET"),
            ("", "MET"),
            ("", "WET"),
            ("", "EET"),
            ("", "cet"),
            ("", "europe/berlin"),
            ("", "Portugal"),
        ] {
            assert!(needs_paid_quota(country, zone), "{country} {zone}");
        }
        for (country, zone) in [("JP", "Asia/Tokyo"), ("", "UTC"), ("USA", "America/New_York"), ("", "Europe/Istanbul")]
        {
            assert!(!needs_paid_quota(country, zone), "{country} {zone}");
        }
        assert!(is_unknown("", "UTC") && is_unknown(" ", "Etc/UTC"));
        assert!(!is_unknown("JP", "UTC") && !is_unknown("", "Asia/Tokyo"));
    }

    /// Every name of the database that a person may set, judged by the place whose clocks it shares or by none.
    #[test]
    fn every_name_without_an_area_is_judged_like_its_place() {
        let (mut inside, mut nowhere) = (Vec::new(), Vec::new());
        for name in jiff::tz::db().available() {
            let name = name.as_str();
            if name.contains('/') {
                continue;
            }
            if needs_paid_quota("", name) {
                inside.push(name.to_owned());
            } else if is_unknown("", name) {
                nowhere.push(name.to_owned());
            } else {
                // Cuba, Japan, Turkey, the Americas' own: places outside, all of them far from Brussels' clocks but these two.
                let zone = jiff::tz::TimeZone::get(name).unwrap();
                let summer = "2026-07-01T00:00:00Z".parse::<jiff::Timestamp>().unwrap();
                let winter = "2026-01-01T00:00:00Z".parse::<jiff::Timestamp>().unwrap();
                let hours = [winter, summer].map(|at| zone.to_offset(at).seconds() / 3_600);
                let is_europes = [[0, 1], [1, 2], [2, 3]].contains(&hours);
                assert!(!is_europes || ["Egypt", "Israel"].contains(&name), "{name}");
            }
        }
        inside.sort();
        nowhere.sort();
        assert_eq!(inside, ["CET", "EET", "Eire", "GB", "GB-Eire", "Iceland", "MET", "Poland", "Portugal", "WET"]);
        assert_eq!(
            nowhere,
            ["Factory", "GMT", "GMT+0", "GMT-0", "GMT0", "Greenwich", "UCT", "UTC", "Universal", "Zulu"]
        );
    }
}
