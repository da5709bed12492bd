# Letting programs in: what people are asked, and what programs are told (those read English).
oauth-title = Let a program in
oauth-wants = { $name } wants to use Socrazi for you
oauth-goes-to = Your answer goes to { $host }. If you did not start this there, say no.
oauth-goes-app = Your answer goes to the app on this computer that opens { $address }. If you did not start this there, say no.
oauth-goes-here = Your answer goes to a program on this computer ({ $host }). If you did not start one that asks for this, say no.
oauth-known-dynamic = It gave itself this name, and nobody has checked it.
oauth-known-preset = The operator of this server made it known.
oauth-known-document = It is described at { $client }. Whoever holds that address chose the name.
oauth-known-document-here = It is described at { $client }, but the answer stays on this computer: any program here could pretend to be it.
oauth-may = What it may do
oauth-scope-read = See your accounts, drafts and posts
oauth-scope-google = See the figures of your Google accounts
oauth-scope-google-to = See the figures of your Google accounts (Analytics, Search Console, YouTube). They go to { $name } at { $host }, and to the model it uses
oauth-scope-history = See what you said with Socrazi itself, and ask you to forget it
oauth-scope-draft = Draft and withdraw posts, and ask you for everything that goes further
oauth-scope-schedule = Schedule posts without asking you
oauth-scope-publish = Publish posts at once without asking you
oauth-for = For which accounts
oauth-for-all = For all of them, also those that I connect later
oauth-for-only = Only for those ticked here, and for no post that goes to another
oauth-again = You let this program in before, on { $at }. What you allowed then is ticked; what it asks for now in addition is marked “new”. What you untick, it loses.
oauth-new = new
oauth-areas = Which tools it sees
oauth-areas-all = All that it may use
oauth-areas-only = Only those ticked here; the others are not there for it
oauth-areas-reading = Only tools that read, whatever is allowed above
oauth-area-accounts = Accounts: which there are, connecting and disconnecting
oauth-area-posts = Drafts, posts, pictures and videos
oauth-area-publishing = Scheduling, publishing, withdrawing, pausing
oauth-area-reports = Figures, reports and times to post
oauth-area-history = What was said with Socrazi itself
oauth-no-area = No area was ticked, so it would see no tool at all.
oauth-asks-else = Whatever is off here, it cannot do or has to ask you for. You can take all of it back at any time on the settings page.
oauth-allow = Let it in
oauth-deny = No
oauth-signed-in-as = You are signed in as
oauth-begin-again = Nothing was allowed. Begin again in the program that brought you here; if it stays so, tell whoever makes it.
oauth-back = Back to the program
oauth-apps = Connected apps
oauth-apps-none = No program was let in. An assistant that you connect by this server’s address ({ $url }) asks you here first.
oauth-apps-what = Programs that you let in. Removing one ends its access at once.
oauth-apps-since = Since
oauth-apps-only = only for { $accounts }
oauth-apps-areas = sees only: { $areas }
oauth-apps-reading = only tools that read
oauth-apps-remove = Remove

oauth-client-unknown-for-people = This server does not know the program that sent you here, or no longer. Remove this server in the program and add it again.
oauth-redirect-other = { $name } wants the answer at an address that it did not register, so nobody is sent there.
oauth-state-long = state is longer than { $max } bytes.
oauth-pkce-wrong = code_challenge (43 characters) and code_challenge_method=S256 are needed; plain is not taken.
oauth-resource-wrong = resource names another server: tokens from here are for { $url } only.
oauth-nothing-allowed = Every switch was off, so there is nothing that it could be let in for. Go back and turn at least one on.
oauth-no-account = No account was ticked that it could be let in for. Go back and tick at least one.
oauth-request-twice = A parameter stands twice, so it is not clear what is meant.
oauth-only-codes = Only response_type=code with grant_type=authorization_code or refresh_token is answered here.
oauth-redirects-count = redirect_uris must hold 1 to { $max } addresses.
oauth-redirect-wrong = { $given } cannot be a redirect address: it must be https under a name, http on 127.0.0.1, [::1] or localhost, or exactly that of a known app (mcp.app_redirects), in its usual form and without user, fragment or wildcard.
oauth-app-secret = An app that is called by its own scheme cannot keep a secret. Make it known without one.
oauth-metadata-unreadable = This is no JSON object with the metadata of a client (application/json).
oauth-auth-method-wrong = token_endpoint_auth_method must be none, client_secret_basic or client_secret_post.
oauth-no-issuer = No outside issuer is trusted here: set oidc.issuer first.
oauth-subject-wrong = A subject is the sub of the issuer’s tokens: 1 to { $max } characters.
oauth-subject-taken = This subject stands for somebody already. They can remove it on their settings page.
oauth-too-many = Too many programs registered lately. Try again in an hour.
oauth-document-failed = The document that describes this program could not be used ({ $host }): { $why ->
    [late] it did not come in time
    [status] the server answered with HTTP { $status }
    [redirects] it leads elsewhere
    [large] it is too large
    [kind] it is no application/json
    [address] its address is no public https one
    [unreadable] it is no client metadata document
    [other] its client_id is another
    [method] its token_endpoint_auth_method must be none
   *[unreachable] it could not be reached
}.
oauth-client-unknown = This client_id is not known here, or no longer, or the secret is wrong. Register again.
oauth-parameter-missing = { $name } is missing.
oauth-form-unreadable = This is no form (application/x-www-form-urlencoded) that can be read, or the Authorization header is not Basic.
oauth-grant-dead = This code or token was used, has expired, was taken back, or belongs to another request. Ask the person again.
oauth-scope-wider = More than the person allowed: { $scopes }. Ask them again for more.
oauth-scope-missing = { $tool } needs { $scopes }, and the person did not allow this program all of it. Ask them again with these scopes.

# A person's answer inside their assistant.
answer-was-yes = The person said yes.
answer-was-no = The person said no: nothing was done. Do not ask again unless they want it.
answer-not-asked = No such question was put to this client with this call, or it was answered already. Call the tool again without requestState.
mcp-answer-goes-on = The person’s answer was taken. What follows takes longer than usual and goes on: look with get_post or list_accounts in a minute what came of it.
answer-here-ask = { $name } wants this done. Is it right?
answer-here-label = Your answer
answer-here-yes = Yes, do exactly this
answer-here-no = No
answer-here-page = Read it and answer on the page: { $url }
settings-answers = Where you answer yourself
settings-answers-means = Tick an assistant only if you sit before it yourself. Its questions then come up there, and your answer there counts. A program that answers by itself could say yes to its own questions, so leave it off where nobody sits.
settings-answers-here = I answer here myself
settings-stdio-name = An assistant on this machine (socrazi mcp)
