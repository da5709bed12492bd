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

## Meta: Threads and Instagram
setup-meta-permissions = Add these permissions to the app: { $scopes }.
setup-meta-review = People without a role on the app can connect only after Meta's App Review.
setup-meta-lasts = A connection lives 60 days from its last renewal, which this server sees to while it runs.

## Google: YouTube and reports
setup-google-project = At console.cloud.google.com make a project and enable: { $apis }.
setup-google-consent = On its consent screen add these scopes: { $scopes }.
setup-google-client = Make an OAuth client of the type Web application.
setup-google-keys = Set google.client_id and google.client_secret from that OAuth client.
setup-google-testing = While the consent screen is in testing, Google ends each connection after 7 days, and only listed testers can connect; publish the app to avoid both.
setup-google-unverified = Until Google has verified the app it shows a warning, and at most 100 people can connect.
setup-google-reports = reports of { $feature }

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
