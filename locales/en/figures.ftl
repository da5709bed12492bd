## Figures that networks count of posts

figures-not-given = { $network } gives this server no figures of posts: they are unknown here, not zero.
figures-how = Figures are each network's own counts, as read so many hours after the post went out; of a thread they are those of its first post. What is empty is unknown, not zero.
figures-of-account = { $account }: { $why }
figures-scope-missing = It was connected without the permission to read figures ({ $scope }). Posts go out all the same; to have figures, connect it again and allow everything that is asked for.
figures-not-yet = No figures yet: they are first read { $hours ->
    [one] one hour
   *[other] { $hours } hours
} after a post went out, and not while the server is off.
figures-untold = The network told no figures of these posts: they are unknown, or the posts are not there any more.
figures-winner = { $post } on { $account } had { $figure } { $measure } { $hours ->
    [one] one hour
   *[other] { $hours } hours
} after it went out: { $times } times the median ({ $median }) of { $count } posts of that account at that age.
figures-winner-alone = { $post } on { $account } had { $figure } { $measure } { $hours ->
    [one] one hour
   *[other] { $hours } hours
} after it went out, where the median of { $count } posts of that account at that age is { $median }.
figures-winner-next = For each of these, read it whole and write three follow-ups as drafts for the same account: a question that it left open, the same for other people, and what came of it (the prompt follow_up brings all that is needed). Say that they are drafts and why this post; the server wrote none of them.
followups-title = Posts that beat their account's median
followups-none = No post has beaten its account's median so far. At least five posts of an account must be counted at the same age.
followups-do = Draft three follow-ups
followups-off = Nothing here can write them: ask your assistant for follow-ups (its prompt is called “Follow up”).
followups-wish = Write three follow-ups to my post { $post }, each as a draft of its own for the same account: a question that it left open, the same for other people, and what came of it. Schedule none of them.
table-posts = Posts
table-outcomes = What posts brought
table-indexing = Pages in Google’s index
table-days = Days
table-urls = Addresses of pages, one a line
table-cut = There are more rows: the files have all that was asked for.
table-column-at = Time
table-column-account = Account
table-column-post = Post
table-column-state = State
table-column-text = Text
table-column-permalink = Link
table-column-hours = Counted after (hours)
table-column-views = Views
table-column-likes = Likes
table-column-comments = Comments
table-column-shares = Shares
table-column-saves = Saves
table-column-clicks = Clicks
table-column-network = Network
table-column-visits = Visits
table-column-key-events = Key events
table-column-pages = Landing pages
table-column-search-clicks = Clicks from Google
table-column-url = Page
table-column-verdict = On Google
table-column-coverage = What Google says
table-column-indexing = Indexing
table-column-robots = robots.txt
table-column-fetch = Fetched
table-column-last-crawl = Last crawl
table-column-crawled-as = Crawled as
table-column-google-canonical = Main address for Google
table-column-user-canonical = Main address you named
table-column-rich-results = Rich results
table-indexing-said = { $said ->
    [PASS] { $column ->
        [rich_results] valid
       *[other] yes
    }
    [PARTIAL] in part
    [NEUTRAL] no
    [FAIL] no, an error
    [INDEXING_ALLOWED] allowed
    [BLOCKED_BY_META_TAG] noindex in the page
    [BLOCKED_BY_HTTP_HEADER] noindex in a header
    [BLOCKED_BY_ROBOTS_TXT] blocked by robots.txt
    [ALLOWED] allowed
    [DISALLOWED] not allowed
    [SUCCESSFUL] yes
    [SOFT_404] looks like an error page (soft 404)
    [BLOCKED_ROBOTS_TXT] blocked by robots.txt
    [NOT_FOUND] not found (404)
    [ACCESS_DENIED] needs a login (401)
    [SERVER_ERROR] server error (5xx)
    [REDIRECT_ERROR] redirect error
    [ACCESS_FORBIDDEN] forbidden (403)
    [BLOCKED_4XX] refused (4xx)
    [INTERNAL_CRAWL_ERROR] error at Google
    [INVALID_URL] not a valid address
    [DESKTOP] desktop
    [MOBILE] phone
   *[other] { $said }
}
table-column-rich-types = Kinds of rich results
table-column-problem = Problem
