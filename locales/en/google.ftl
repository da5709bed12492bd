# Google accounts and reports. Key: google-thing-case and report-thing-case.

## Connecting
google-not-allowed = The administrator of that Google account does not allow this. Nothing was connected.
google-nothing-granted = Nothing was granted, so nothing was connected. Begin again and tick at least one permission on Google's page.
google-no-feature = Choose at least one: Google Analytics or Search Console.
google-act-disconnect = Disconnect the Google account { $email }
google-health-fine = Connected.
google-health-missing = Connected, but a permission is missing.
google-health-reconnect = Must be connected again.
google-reconnect = The Google account { $email } must be connected again: Google no longer accepts our access. connect_account with network google gives the link.
google-reconnect-for-people = The Google account { $email } must be connected again: Google no longer accepts our access.
google-permission-missing = The Google account { $email } does not let us read { $feature } yet. connect_account with network google gives the link; everything else stays as it is.
google-permission-missing-for-people = The Google account { $email } does not let us read { $feature } yet. Connect it again on the accounts page and tick that permission; everything else stays as it is.
google-none-connected = No Google account is connected that could tell of { $feature }. connect_account with network google gives a link for the person to open.
google-none-connected-for-people = No Google account is connected that could tell of { $feature }. Connect one on the accounts page.
google-api-off = The API of { $feature } is not switched on in this server's Google Cloud project. The operator must enable it there.
google-quota-day = Google's quota for { $feature } is used up. Most are over in a quarter of an hour; one of the day lasts until midnight in California. What was asked before can still be answered.
google-quota-hour = Google's quota for { $feature } is used up for the moment: try again in a few minutes, at the latest in an hour. What was asked before can still be answered.
google-no-access = { $feature } says that { $email } may not see this, or that it is not there any more.
google-not-understood = { $feature } does not take this question: { $why }
google-unavailable = { $feature } gives no answer just now. Try again later.
notice-google-reconnect = The Google account { $email } must be connected again: Google no longer accepts our access. Reports wait until then.
notice-revoke-unconfirmed-google = { $email } is disconnected and our copies are destroyed, but Google did not confirm. Please look at myaccount.google.com/permissions and remove the access there.

## What is asked
report-source-none = This Google account sees nothing of { $feature }: no property or site is shared with it.
report-source-choose = It is not clear which property or site of { $feature } is meant. Name one: { $choices }. The person can choose one for good on the accounts page.
report-source-choose-for-people = It is not clear which property or site of { $feature } is meant. Choose one: { $choices }.
report-name-unknown = There is no { $kind } called "{ $given }". The nearest is { $nearest }.
report-columns-apart = { $one } does not go together with { $other }. Try { $instead }.
report-too-many-columns = At most { $dimensions } dimensions and { $metrics } metrics go into one report.
report-too-many-filters = At most { $max } conditions go into one report.
report-filter-wrong = "{ $given }" is no condition here. Conditions look like: country = Japan; page contains /blog; sessions > 100.
report-country-wrong = The country "{ $given }" is not known here. Give its three-letter code, such as jpn or usa.
report-period-wrong = The period "{ $given }" cannot be read. Say it like: last week; last 28 days; October 2026; 2026-10-01..2026-10-07; and compare with: previous; same days last year; or another period.
report-realtime-period = The realtime view is about the last 30 minutes: leave period and compare out.
report-cursor-wrong = This cursor belongs to another question, or the figures changed since. Ask again without it.
report-urls-count = Give 1 to { $max } addresses of pages.
report-url-wrong = "{ $given }" is no address of a page. It must begin with http:// or https://.

## What is said with figures
report-caveat-moving = The newest days still change: Google Analytics takes 24 to 48 hours.
report-caveat-incomplete = Figures from { $day } on are not final yet.
report-caveat-behind = The last two to three days are not final or not there yet.
report-caveat-sampled = Counted from a sample: { $percent } % of the events.
report-caveat-thresholded = Google withheld rows that could tell who somebody is, so sums of rows are too small.
report-caveat-demographic = Age, gender and interests are known of only some visitors.
report-caveat-other = Rare values are put together as "(other)".
report-caveat-cut = Google cut something off this report.
report-caveat-restricted = This Google account may not see: { $metrics }.
report-caveat-users = Users are estimated, and one user may stand in several rows: rows do not add up to the sum.
report-caveat-quota = Of Google's quota for this property { $percent } % are left.
report-caveat-history = Search Console keeps { $months } months: what is older is missing.
report-caveat-before-cut = Of the period it is compared with only the largest rows were looked at: some figures before are missing.
report-caveat-anonymous = Rows hold { $named } of { $of } clicks: Google does not name rare queries.

## On the pages
google-connect = Connect Google
google-connect-ask = Choose what Socrazi may read. You can add the other one later, and take both back at any time.
google-connect-go = Continue to Google
google-connect-means = Reading only: nothing is changed there. Answers are kept encrypted under your own key for at most 90 days and are gone when you disconnect. Google shows its own page next; what you untick there is not read.
google-analytics-about = visits, users, sources, pages, events
google-search-about = searches, clicks, impressions, positions, indexing
google-sources = Properties and sites
google-sources-means = One of each kind can be the one that is meant when you name none. You can give it a name of your own.
google-sources-none = Nothing is shared with this Google account, or it could not be looked up just now.
google-sources-more = More than are shown:
google-source-called = You call it
google-source-choose = Use this one
google-source-chosen = This one is meant when you name none.
google-look = Look again
google-add = Add a permission
google-left-out = Not granted on Google's page:
google-feature-granted = may be read
google-feature-missing = permission missing, connect again
google-feature-unasked = not asked for
google-disconnect-means = Our access is revoked and destroyed at once, and everything read through it is deleted here. Google ends the whole permission of this server for that account.
