# Google accounts and reports. Key: google-thing-case and report-thing-case.

## Connecting
google-not-allowed = The administrator of that Google account does not allow this. Nothing was connected.
google-nothing-granted = Nothing was granted, so nothing was connected. Begin again and tick at least one permission on Google's page.
google-no-feature = Choose at least one: Google Analytics, Search Console or YouTube.
google-act-disconnect = Disconnect the Google account { $email }
google-health-fine = Connected.
google-health-ends = Connected until { $at }: Google ends it by itself then. Connect it again before that.
google-health-ended = Must be connected again: { $why ->
    [expired] its time at Google was over (an app in testing has seven days)
   *[other] Google no longer accepts our access
}.
google-health-missing = Connected, but a permission is missing.
google-health-reconnect = Must be connected again.
google-reconnect = The Google account { $email } must be connected again: Google no longer accepts our access. connect_account with network google gives the link.
google-reconnect-for-people = The Google account { $email } must be connected again: Google no longer accepts our access.
google-permission-missing = The Google account { $email } does not let us read { $feature } yet. connect_account with network google gives the link; everything else stays as it is.
google-permission-missing-for-people = The Google account { $email } does not let us read { $feature } yet. Connect it again on the accounts page and tick that permission; everything else stays as it is.
google-none-connected = No Google account is connected that could tell of { $feature }. connect_account with network google gives a link for the person to open.
google-none-connected-for-people = No Google account is connected that could tell of { $feature }. Connect one on the accounts page.
google-api-off = The API of { $feature } is not switched on in this server's Google Cloud project. The operator must enable it there.
google-quota-day = Google's quota for { $feature } is used up. A short one is back in about a quarter of an hour, that of a day at midnight in California. What was asked before can still be answered.
google-quota-hour = Google's quota for { $feature } is used up for the moment: try again in a few minutes, at the latest in an hour. What was asked before can still be answered.
google-quota-until = { $feature } was not asked: Google's quota is used up ({ $limit ->
    [tokens-day] tokens of this day
    [tokens-hour] tokens of this hour
    [project-hour] tokens that this server has in this hour
    [errors-hour] server errors of this hour
    [persons-hour] questions about persons of this hour
    [inspections-day] pages to inspect today
    [inspections-minute] pages to inspect in this minute
    [units-day] units of YouTube today
    [video-reports] reports of YouTube today
   *[load] expensive questions
 }). It is back { $at }. What was asked before is still answered.
google-quota-left = { $left } of { $most } ({ $limit ->
    [tokens-day] tokens of this day
    [tokens-hour] tokens of this hour
    [project-hour] tokens that this server has in this hour
    [errors-hour] server errors of this hour
    [persons-hour] questions about persons of this hour
    [inspections-day] pages to inspect today
    [inspections-minute] pages to inspect in this minute
    [units-day] units of YouTube today
    [video-reports] reports of YouTube today
   *[load] expensive questions
 }) left until { $at }.
google-no-access = { $feature } says that { $email } may not see this, or that it is not there any more.
google-quota-title = What Google still allows
google-not-understood = { $feature } does not take this question: { $why }
google-unavailable = { $feature } gives no answer just now. Try again later.
notice-google-ended = The Google account { $email } must be connected again: { $why ->
    [expired] its time at Google was over (an app in testing has seven days)
   *[other] Google no longer accepts our access
}. Reports wait until then.
notice-google-ends-soon = Google ends our access to { $email } within { $days ->
    [one] one day
   *[other] { $days } days
}. Connect it again. (An app in testing at Google lasts seven days; whoever runs the server can publish it.)
google-answer-large = The answer of { $feature } is too large. Ask for fewer days, or with a condition.
notice-google-reconnect = The Google account { $email } must be connected again: Google no longer accepts our access. Reports wait until then.
notice-google-disconnected = { $email } is disconnected, and everything read through it is deleted here. { $revoked ->
    [yes] Google confirmed that our access is over
    [later] Google has not confirmed yet that our access is over: it is asked again for a day, and what that takes is kept sealed until then. You can also end it yourself at myaccount.google.com/permissions
   *[no] Google did not confirm that our access is over. Please look at myaccount.google.com/permissions and remove the access there
}.
notice-google-revoke-confirmed = Google has now confirmed that our access to { $email } is over. You need do nothing more there.

## What is asked
report-source-none = This Google account sees nothing of { $feature }: no property, site or channel belongs to it or is shared with it.
report-source-choose = It is not clear which property, site or channel of { $feature } is meant. Name one: { $choices }. The person can choose one for good on the accounts page.
report-source-choose-for-people = It is not clear which property, site or channel of { $feature } is meant. Choose one for good on the accounts page under “Properties, sites and channels”, or name one: { $choices }.
report-name-unknown = There is no { $kind } called "{ $given }". The nearest is { $nearest }.
report-name-blocked = This account may not see { $given } ({ $why }). Ask without it, or have whoever manages the property allow it.
report-columns-apart = { $one } does not go together with { $other }. Try { $instead }.
report-compare-unaligned = By { $name }, { $now } and { $before } do not line up, so nothing in one stands beside the same of the other. Use { $instead }.
report-too-many-columns = At most { $dimensions } dimensions and { $metrics } metrics go into one report.
report-too-many-filters = At most { $max } conditions go into one report.
report-filter-wrong = "{ $given }" is no condition here. Conditions look like: country = Japan; page contains /blog; sessions > 100.
report-country-wrong = The country "{ $given }" is not known here. Give its three-letter code, such as jpn or usa.
report-period-wrong = The period "{ $given }" cannot be read. Say it like: last week; last 28 days; October 2026; 2026-10-01..2026-10-07; and compare with: previous; same days last year; or another period.
report-realtime-period = The realtime view is about the last 30 minutes: leave period and compare out.
report-changes-compare = The view changes holds each day against the weeks before it: leave compare out.
report-changes-long = That is too long a time to look for changes in. Name a shorter one.
report-cursor-wrong = This cursor belongs to another question, or the figures changed since. Ask again without it.
report-urls-count = Give 1 to { $max } addresses of pages.
report-list-waiting = { $asked } of { $count } pages were asked; the rest goes on by itself from { $at }, and next_cursor reads the list again.
report-list-gone = That list of pages is not here any more. Ask with the addresses again.
report-urls-posts-none = None of your posts of the last 90 days links to { $site }.
report-url-wrong = "{ $given }" is no address of a page. It must begin with http:// or https://.
report-video-wrong = "{ $given }" is no video. Give its id (11 letters and digits) or its address on YouTube.
report-video-needed = How long people stayed is told of one video: name it with video. The view videos lists them with their ids.

## What is said with figures
report-caveat-moving = The newest days still change: Google Analytics takes 24 to 48 hours.
report-caveat-incomplete = Figures from { $day } on are not final yet.
report-caveat-behind = The last two to three days are not final or not there yet.
report-caveat-told-until = Figures are there up to { $day }. Of the days after it nothing is told yet: that is unknown, not zero.
report-caveat-not-yet = Google tells nothing of these days yet. What is empty is unknown, not zero.
report-caveat-empty-reason = Google gave no rows, for this reason: "{ $reason }". What is empty is unknown, not zero.
report-caveat-unfinished = The newest days are not over or not all counted yet, and stand beside days that are. For days that are over on both sides, ask for { $period } compared with { $other }.
report-caveat-unequal = { $now } days stand beside { $before }. For as many on both sides, ask for { $period } compared with { $other }.
report-caveat-zone = Google told no time zone for this property that is known here: days are those of { $zone }.
report-caveat-gone = { $count ->
    [one] 1 row was there only before and stands at the end.
   *[other] { $count } rows were there only before and stand at the end.
} With "by loss" behind what it is compared with, what lost most comes first.
report-caveat-sampled = Counted from a sample: { $percent } % of the events.
report-caveat-thresholded = Google withheld rows that could tell who somebody is, so sums of rows are too small.
report-caveat-demographic = Age, gender and interests are known of only some visitors.
report-caveat-few-viewers = YouTube tells nothing of age and gender here: there were too few viewers it knows them of, or none.
report-caveat-other = Rare values are put together as "(other)".
report-caveat-cut = Google cut something off this report.
report-caveat-restricted = This Google account may not see: { $metrics }.
report-caveat-users = Users are estimated, and one user may stand in several rows: rows do not add up to the sum.
report-caveat-quota = Little is left of Google's quota: { $left } of { $most } ({ $limit ->
    [tokens-day] tokens of this day
    [tokens-hour] tokens of this hour
    [project-hour] tokens that this server has in this hour
    [errors-hour] server errors of this hour
    [persons-hour] questions about persons of this hour
    [inspections-day] pages to inspect today
    [inspections-minute] pages to inspect in this minute
    [units-day] units of YouTube today
    [video-reports] reports of YouTube today
   *[load] expensive questions
 }) until { $at }.
report-caveat-history = Search Console keeps { $months } months: what is older is missing.
report-caveat-before-cut = Of the period it is compared with only the largest rows were looked at: some figures before are missing.
report-caveat-anonymous = Rows hold { $named } of { $of } clicks: Google does not name rare queries.
report-changes-how = How days were judged: each day up to { $last } was held against the same weekday of the { $weeks } weeks before it. A day is unusual when it is at least { $spreads } spreads from their median and at least { $apart } away from it. A spread is 1.4826 times the median distance of those weeks from their median, at least the square root of the median. Looked at: everything, and the { $parts } largest values. This says that something changed, not why.
report-changes-short = Figures are known from { $since } on only. A day is judged when at least four of those weeks are known, so the first days are not.
report-changes-none = No day is unusual by this measure.

## On the pages
google-connect = Connect Google
google-connect-ask = Choose what Socrazi may read. You can add more later, and take everything back at any time.
google-connect-go = Continue to Google
google-connect-means = Reading only: nothing is changed there. Answers are kept encrypted under your own key for at most 90 days (those of YouTube for 30) and are gone when you disconnect. Google shows its own page next; what you untick there is not read.
google-analytics-about = visits, users, sources, pages, events
google-search-about = searches, clicks, impressions, positions, indexing
google-videos-about = views, watch time, audience, where viewers came from, how long they stayed
google-sources = Properties, sites and channels
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
google-disconnect-means = Our access is used for nothing any more, and everything read through it is deleted here at once. Google ends the whole permission of this server for that account. YouTube channels that were connected with that account must be connected again; what is planned there waits until then.

report-none-connected = No Google account is connected yet. Connect one to see visits and searches here.
report-source = Property, site or channel
report-view = What
report-period = When
report-compare = Compared with
report-show = Show
report-more = More rows
report-nothing = There is nothing for this question.
report-before = Before
report-posts-chart = { $figure } of the newest posts
report-posts-chart-days = Posts that went out, by day
report-posts-chart-unknown = Left out, because it is not known: { $count ->
    [one] one post
   *[other] { $count } posts
 }.
report-days = { $first } to { $last } ({ $zone })
report-days-compared = compared with { $first } to { $last }
report-days-now = The last 30 minutes
report-compare-none = nothing
report-compare-previous = the period before
report-compare-year = the same days last year
report-compare-weekdays = the same weekdays last year
report-period-days-7 = last 7 days
report-period-days-28 = last 28 days
report-period-week = last week
report-period-month = last month
report-period-this-month = this month
report-period-quarter = last quarter
report-period-year = last year
report-badge-fresh = still changing
report-badge-sampled = sample
report-badge-thresholded = some withheld
report-badge-cut = not all
report-view-overview = Overview
report-view-days = Day by day
report-view-sources = Where visits came from
report-view-pages = Pages
report-view-landing-pages = Where visits began
report-view-countries = Countries
report-view-devices = Devices
report-view-events = What was done
report-view-audience = Age and gender
report-view-realtime = At this moment
report-view-changes = What changed
report-view-queries = Searches
report-view-appearance = Shown as
report-view-videos = Videos
report-view-searches = Searched on YouTube
report-view-formats = Shorts, videos, streams
report-name-sessions = Visits
report-name-activeUsers = Users
report-name-newUsers = New users
report-name-totalUsers = All users
report-name-screenPageViews = Page views
report-name-engagementRate = Engagement rate
report-name-bounceRate = Bounce rate
report-name-averageSessionDuration = Time per visit
report-name-keyEvents = Key events
report-name-eventCount = Events
report-name-userEngagementDuration = Time engaged
report-name-totalRevenue = Revenue
report-name-transactions = Purchases
report-name-clicks = Clicks
report-name-impressions = Impressions
report-name-ctr = CTR
report-name-position = Position
report-name-date = Day
report-name-sessionDefaultChannelGroup = Channel
report-name-sessionSourceMedium = Source
report-name-pagePath = Page
report-name-landingPage = First page
report-name-country = Country
report-name-deviceCategory = Device
report-name-eventName = Event
report-name-userAgeBracket = Age
report-name-userGender = Gender
report-name-query = Search
report-name-page = Page
report-name-device = Device
report-name-searchAppearance = Shown as
report-name-expected = Usual
report-name-spreads = Spreads away
report-name-views = Views
report-name-estimatedMinutesWatched = Minutes watched
report-name-averageViewDuration = Time per view
report-name-averageViewPercentage = Share watched
report-name-likes = Likes
report-name-comments = Comments
report-name-shares = Shares
report-name-subscribersGained = Subscribers gained
report-name-subscribersLost = Subscribers lost
report-name-video = Video
report-name-title = Title
report-name-deviceType = Device
report-name-insightTrafficSourceType = Source
report-name-insightTrafficSourceDetail = Search
report-name-creatorContentType = Format
report-name-ageGroup = Age
report-name-gender = Gender
report-name-viewerPercentage = Share of viewers
report-name-elapsedVideoTimeRatio = Point in the video
report-name-audienceWatchRatio = Still watching
report-name-relativeRetentionPerformance = Beside similar videos

## When to post
times-title = When to post
times-picture = Visits by weekday and hour
times-how-posts = From { $count } of your own posts with tagged links in the last { $days } days (those of the last three not yet): visits to your site from each, by weekday and three hours of the day. Each part of the week is pulled towards the average of all ({ $average } visits a post) as if { $pull } average posts stood in it, so that one lucky post decides nothing.
times-how-views = From what networks counted of { $count } of your own posts of the last { $days } days: how often each had what is usual on its own account, by weekday and three hours of the day. Views are compared at the same age (a week, three days or one), or likes where a network tells too few views. Each part of the week is pulled towards the average of all as if { $pull } average posts stood in it, so that one lucky post decides nothing.
times-how-views-few = What networks counted can be compared for { $count } of your own posts; { $min } are needed.
times-how-networks = From { $count } visits that came from social networks in the last { $weeks } weeks, by weekday and hour: the time of each day from which on most came within three hours. When visitors come is not quite when a post does best, but of your own posts with tagged links only { $posts } can be gone by so far, and { $min } are needed.
times-how-visits = From all { $count } visits of the last { $weeks } weeks, by weekday and hour: the time of each day from which on most came within three hours. Those from social networks alone, and your own posts with tagged links ({ $posts } of the { $min } that are needed), are too few to go by.
times-how-prior = A rule of thumb, not your own results: weekday mornings, noon and evenings. There is too little to say more: of posts with tagged links there are { $posts } (at least { $min } are needed), of visits { $visits } (at least { $visits_min }).
times-shifted = Google counts in { $from }; hours are told in { $zone }.
times-withheld = Figures of your Google accounts may not be shown here, so they were not looked at.
times-why-posts = { $count } posts, { $seen } visits each, { $estimate } after the pull
times-why-views = { $count } posts, { $seen } times the usual each, { $estimate } after the pull
times-why-visits = { $seen } visits a week within three hours
times-why-prior = rule of thumb

## What came of posts
google-withheld = Figures of your Google accounts may not be shown here.
outcomes-how = Visits are those that Google Analytics counted with the tags in a post's links; key events are those that happened in these visits. Search clicks are all clicks from Google's results to the pages of the chosen site that a post links to, whatever brought people to search; what is empty is unknown, not zero.
outcomes-untagged = { $count ->
    [one] 1 post of this period has
   *[other] { $count } posts of this period have
} no tagged links: what they brought is not known.
outcomes-rows-cut = Of what Google Analytics counted of posts only the { $count } largest rows were looked at: what is empty is unknown, not zero.
outcomes-posts-cut = More posts went out in this period than are looked at: the others are missing here. Ask for a shorter period.
outcomes-winner = { $post } on { $network } brought { $visits } visits: { $times } times the median ({ $median }) of { $count } posts of that account with tagged links in this period that are at least three days old.
outcomes-winner-alone = { $post } on { $network } brought { $visits } visits, where the median of { $count } posts of that account with tagged links in this period that are at least three days old is { $median }.
outcomes-winner-next = Offer three follow-ups to it as drafts: a question that it left open, the same for other people, and what came of it.

## The week
weekly-title = The week in figures
weekly-next = Three things to do next
weekly-look = See the figure
weekly-visits = Visits from { $first } to { $last }: { $now } (the week before { $before }, { $percent })
weekly-key-events = Key events from { $first } to { $last }: { $now } (the week before { $before }, { $percent })
weekly-clicks = Clicks on Google’s results from { $first } to { $last }: { $now } (the week before { $before }, { $percent })
weekly-views = Views on YouTube from { $first } to { $last }: { $now } (the week before { $before }, { $percent })
weekly-do-attention = Look at what needs you: { $count ->
    [one] 1 post
   *[other] { $count } posts
} did not go as planned.
weekly-do-most-seen = Write something that follows “{ $text }” ({ $network }): { $figure } { $measure } { $hours ->
    [one] one hour
   *[other] { $hours } hours
} after it went out, where the median of { $count } posts of that account is { $median }.
weekly-do-winner = Follow up on “{ $text }”: it brought { $visits } visits, { $times } times the median ({ $median }) of { $count } posts of that account with tagged links in the last 28 days.
weekly-do-winner-alone = Follow up on “{ $text }”: it brought { $visits } visits, where the median of { $count } posts of that account with tagged links in the last 28 days is { $median }.
weekly-do-changed-all = Find out what happened on { $day }: there were { $figure } visits in all where { $usual } are usual.
weekly-do-changed = Find out what happened on { $day }: { $what } had { $figure } visits where { $usual } are usual.
weekly-do-search = Write about “{ $query }”: it was shown { $shown } times at position { $place } in the last 28 days, with { $clicks } clicks.
weekly-do-nothing-scheduled = Plan something: 0 posts are scheduled for the next 7 days.
weekly-do-time = Try { $at } for the next post: { $why }.
weekly-do-drafts = Finish one of your drafts: { $count ->
    [one] 1 is
   *[other] { $count } are
} waiting.
weekly-do-no-drafts = Write down what comes next: 0 drafts are waiting.
weekly-do-look = Look over what goes out: { $count ->
    [one] 1 post is
   *[other] { $count } posts are
} scheduled for the next 7 days.
