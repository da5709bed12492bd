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
const INSIDE_ELSEWHERE: [&str; 23] = [
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
];

/// Whether somebody there may be served on paid quota only.
#[must_use]
pub fn needs_paid_quota(country: &str, zone: &str) -> bool {
    let country = country.trim();
    let is_country = COUNTRIES.contains(&country.to_ascii_uppercase().as_str())
        || NAMES.iter().chain(&MORE_NAMES).any(|name| country.eq_ignore_ascii_case(name));
    let is_zone = match zone.strip_prefix("Europe/") {
        Some(city) => !EUROPE_OUTSIDE.contains(&city) && !EUROPE_OUTSIDE_TOO.contains(&city),
        None => INSIDE_ELSEWHERE.contains(&zone),
    };
    is_country || is_zone
}

/// Whether neither says anything: then the person is asked to.
#[must_use]
pub fn is_unknown(country: &str, zone: &str) -> bool {
    const NOWHERE: [&str; 8] = ["", "UTC", "Etc/UTC", "Etc/GMT", "GMT", "Zulu", "Universal", "UCT"];
    country.trim().is_empty() && (NOWHERE.contains(&zone) || zone.starts_with("Etc/"))
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
}
