# What setting up each network takes, for whoever runs the server. Key: setup-thing-case; purpose-*: what a permission is for.

## The frame
setup-title = Setting up networks
setup-about = For whoever runs this server: what each network wants before anybody can connect an account there. The same is printed by “socrazi setup NETWORK”.
setup-keys-set = Its keys are set.
setup-keys-unset = Its keys are not set yet.
setup-heading-redirect = Redirect address
setup-heading-scopes = Permissions that people will be asked for
setup-heading-steps = Steps
setup-heading-limits = What audit or plan means
setup-heading-cost = Cost
setup-mark-red = refused before scheduling
setup-mark-note = good to know
setup-redirect = Register the redirect address { $url } there, letter by letter.
setup-cost-free = free
setup-media-reached = Pictures and videos are fetched from this server by Meta; server.public_url is an address that it can reach.
setup-media-unreached = Pictures and videos need an https server.public_url that Meta reaches; until then posts with them are refused when they are checked.
setup-no-take-down = No post can be taken down from here; its person does that in the app.

## X
setup-x-app = At developer.x.com make a project and an app, with the pay-per-use plan and credits.
setup-x-auth = In its User authentication settings choose OAuth 2.0, the type Web App (a confidential client) and the permission Read and write.
setup-x-keys = Set x.client_id and x.client_secret from your app at developer.x.com (User authentication settings, OAuth 2.0).
setup-x-plan = A pay-per-use plan with credits is needed; without credits X refuses every post of this server.
setup-x-replies = Replies, and with them threads, may be refused on self-serve plans.
setup-x-cost = 0.015 USD a post, 0.20 USD with a link

## Meta: Threads and Instagram
setup-meta-permissions = Add these permissions to the app: { $scopes }.
setup-meta-review = People without a role on the app can connect only after Meta's App Review.
setup-meta-lasts = A connection lives 60 days from its last renewal, which this server sees to while it runs.
setup-threads-app = At developers.facebook.com make an app with the use case Access the Threads API.
setup-threads-people = Until App Review is passed, add people as Threads testers; they accept the invitation in Threads → Settings → Account → Website permissions.
setup-threads-callbacks = Register the uninstall callback { $removed } and the delete callback { $delete }.
setup-threads-keys = Set threads.client_id and threads.client_secret to the Threads App ID and Threads App Secret (not the Facebook App ID).
setup-instagram-account = Only professional accounts can be connected: switch the account to Business or Creator in Instagram → Settings → Account type and tools.
setup-instagram-app = At developers.facebook.com make an app with the Instagram product and choose API setup with Instagram login.
setup-instagram-callbacks = Register the deauthorize callback { $removed } and the data deletion request address { $delete }.
setup-instagram-keys = Set instagram.client_id and instagram.client_secret to the Instagram App ID and Instagram App Secret (not those of the Meta app).
setup-instagram-professional = Personal accounts have no API at all.

## LinkedIn
setup-linkedin-app = At linkedin.com/developers make an app; it needs a LinkedIn page.
setup-linkedin-products = Add the products Share on LinkedIn and Sign In with LinkedIn using OpenID Connect.
setup-linkedin-keys = Set linkedin.client_id and linkedin.client_secret from the app's Auth page.
setup-linkedin-self-serve = With the two self-serve products members post and nothing can be read: no figures, a lost answer is asked of the person, and everybody connects again each 60 days.
setup-linkedin-partners = Reading and renewing without asking are for approved partners; they name their permissions in linkedin.scopes.

## TikTok
setup-tiktok-app = At developers.tiktok.com make an app with the products Login Kit and Content Posting API, Direct Post switched on: a web app where server.public_url is https, a desktop app where it is this machine.
setup-tiktok-scopes = Add these scopes to the app: { $scopes }.
setup-tiktok-audit = Apply for the audit of the Content Posting API; when it is passed, set tiktok.audited to on.
setup-tiktok-webhook = Register the webhook callback address { $url } (it must be https).
setup-tiktok-keys = Set tiktok.client_key and tiktok.client_secret from the app's page.
setup-tiktok-audited = TikTok has audited the app (tiktok.audited is on).
setup-tiktok-unaudited = TikTok has not audited the app (tiktok.audited is off): it posts for the author's eyes only, on private accounts of up to 5 people a day. Anything wider is refused when a post is checked.
setup-tiktok-photos = Photos can be posted: TikTok has verified server.public_url (tiktok.url_verified is on).
setup-tiktok-no-photos = Photos need an https server.public_url that TikTok has verified (then set tiktok.url_verified to on). Until then they are refused when a post is checked.

## Google: YouTube and reports
setup-google-project = At console.cloud.google.com make a project and enable: { $apis }.
setup-google-consent = On its consent screen add these scopes: { $scopes }.
setup-google-client = Make an OAuth client of the type Web application.
setup-google-keys = Set google.client_id and google.client_secret from that OAuth client.
setup-google-testing = While the consent screen is in testing, Google ends each connection after 7 days, and only listed testers can connect; publish the app to avoid both.
setup-google-unverified = Until Google has verified the app it shows a warning, and at most 100 people can connect.
setup-google-reports = reports of { $feature }
setup-youtube-audit = Apply for YouTube's API audit; when it is passed, set google.youtube_audit to passed.
setup-youtube-audited = The Google Cloud project has passed YouTube's audit (google.youtube_audit is passed).
setup-youtube-unaudited = The Google Cloud project has not passed YouTube's API audit (google.youtube_audit is none): every video stays private. Any other visibility is refused when a post is checked.
setup-youtube-quota = 100 uploads a day and 10,000 units for everything else, from midnight to midnight Pacific.

## What permissions are for
purpose-publish = publishing
purpose-media = pictures and videos
purpose-parts = threads of several posts
purpose-first-comment = the first comment
purpose-inbox = drafts in the inbox
purpose-confirm = finding out after a cut whether a post went out
purpose-figures = figures of posts
purpose-followers = how many follow the account
purpose-take-down = taking posts down
purpose-profile = name and picture
purpose-stay = renewing our access without asking you

## How clients reach this server, as `socrazi doctor` finds it
doctor-reach = Address for assistants
doctor-reach-good = { $url } leads here
doctor-reach-nobody = Nobody answers at { $url }: { $why }
doctor-reach-nobody-fix = See that the name leads to this machine or its proxy, that the proxy runs and has a valid certificate, and that it passes requests on to server.bind.
doctor-reach-moved = { $url } is redirected to { $to }; clients do not follow, or lose their token on the way
doctor-reach-moved-fix = Set server.public_url to the address where it ends, or have the proxy pass the request on instead.
doctor-reach-missing = { $url } answers { $status }: whatever stands in front does not pass it on
doctor-reach-missing-fix = Have the proxy pass every path on to server.bind, /mcp, /oauth/ and /.well-known/ among them.
doctor-reach-not-ours = { $url } answers { $status }, and not in the way of this server
doctor-reach-not-ours-fix = Something else answers in its place: a sign-in wall or a filter of the proxy, another site, another version. Have the proxy pass requests and answers on unchanged; programs cannot pass a sign-in wall.
doctor-host-other = The proxy passes requests on under another name (Host), so this server refuses them
doctor-host-other-fix = Have it keep the name: nginx “proxy_set_header Host {"$"}host;”, Apache “ProxyPreserveHost On”. Caddy and Traefik do so of themselves.
doctor-headers = Headers of clients
doctor-headers-good = all of them arrive
doctor-headers-missing = do not arrive: { $names }
doctor-headers-missing-fix = Have the proxy pass these request headers on unchanged, Authorization and Origin among them; take out what removes or overwrites them.
doctor-streaming = Answers in pieces
doctor-streaming-good = arrive as they are sent
doctor-streaming-held = are held back until they are whole, so progress and notices come late or never
doctor-streaming-held-fix = Turn buffering and compression of answers off for /mcp: nginx “proxy_buffering off; gzip off;”, with a long “proxy_read_timeout”.
doctor-document = Document at { $path }
doctor-document-good = is there, { $name } is { $value }
doctor-document-other = says of { $name }: { $found }, and should say: { $wanted }
doctor-document-other-fix = Another server answers, or one that was started with another server.public_url: restart `socrazi serve`, and see where the proxy leads.
doctor-endpoints = Places to sign in
doctor-endpoints-good = answer
doctor-challenge = A call without a token
doctor-challenge-good = is refused with 401 and told where to sign in; pages of others are refused
doctor-challenge-stripped = is refused, but not told where to sign in: WWW-Authenticate is missing or changed
doctor-challenge-stripped-fix = Have the proxy pass status and headers of answers on unchanged, WWW-Authenticate among them; no error pages of its own for 401.
doctor-origin-open = a page of somebody else’s got { $status } instead of 403: the proxy leaves Origin out or writes its own
