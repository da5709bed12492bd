# Said by every room. Models read these in English, people in their own language.
common-failed = Something went wrong on our side. Nothing was changed. Try again; if it stays so, the operator finds the reason in the log.
common-argument-wrong = The arguments do not fit: { $what }.
common-dry-run = Dry run: nothing was stored.
common-too-large = That is larger than { $max }, the most that is taken here. Make it smaller.
common-tool-unknown = There is no tool called { $name }. Ask for the list of tools.
common-not-found-thing = There is no { $thing } here.
common-idempotency-conflict = The idempotency_key { $key } was used with other arguments within the last 24 hours. Use another key, or send the same arguments.
common-idempotency-running = A call with the idempotency_key { $key } is still running. Ask again in a moment.
common-idempotency-lost = The outcome of the call with the idempotency_key { $key } is not known: the server stopped before it could answer. Look with list_posts or get_post what it did before you try again under another key.

account-health-fine = Connected.
account-health-ends = Connected until { $at }. Connect it again before then; nothing that is scheduled is lost by it.
account-health-stopped = Connected, but the network refuses this server as a whole for now. It is tried again every few minutes.
account-health-unrenewed = Connected until { $at } unless it can be renewed by then, which has not worked for a while. Connect it again; nothing that is scheduled is lost by it.
account-health-ended = Must be connected again before anything goes out: { $why ->
    [refused] the network refused our access before its time
    [revoked] our access was taken back there
    [expired] our access reached its end
    [unclear] the answer to a renewal was lost, and asking again could end it for good
    [unpermitted] the permission to publish is missing
    [let_go] the Google account behind it was let go
    [blocked] the network holds the account back; what it said stands with the post
   *[other] our access ended
}.
account-health-needs-reconnecting = Must be connected again before anything goes out.
account-health-disconnected = Disconnected.
account-not-found = There is no connected account called { $id }. list_accounts shows which there are.
account-not-found-for-people = There is no connected account called { $id }. Those that are connected are on the accounts page.
account-ambiguous = It is not clear which account is meant by "{ $given }". Name one by its id: { $choices }.
account-none-connected = No account is connected yet. connect_account gives a link for the person to open.
account-none-connected-for-people = No account is connected yet. Connect one on the accounts page.
account-needs-reconnecting = @{ $handle } on { $network } must be connected again first: the network no longer accepts our access. connect_account gives the link.
account-needs-reconnecting-for-people = @{ $handle } on { $network } must be connected again first: the network no longer accepts our access.
account-disconnected = @{ $handle } is disconnected. Connect it again first.
account-lacks = Connected without the permission “{ $scope }”: { $what ->
    [publish] nothing can be published
    [media] posts with pictures or videos cannot go out
    [parts] threads of several posts cannot go out
    [first_comment] a first comment cannot be added
    [inbox] drafts cannot be laid into the inbox
    [confirm] we cannot look whether a post went out after a cut, and must ask you
    [figures] there are no figures of posts
    [followers] we do not learn how many follow it
    [take_down] posts cannot be taken down from here
    [profile] name and picture are not known
    [stay] our access ends soon and must be given again
   *[other] part of it does not work
}. Connect the account again and tick that box.
account-permission = @{ $handle } on { $network } was connected without the permission “{ $scope }”, so { $what ->
    [publish] nothing can be published
    [media] posts with pictures or videos cannot go out
    [parts] threads of several posts cannot go out
    [first_comment] a first comment cannot be added
    [inbox] drafts cannot be laid into the inbox
    [confirm] we cannot look whether a post went out after a cut, and must ask you
    [figures] there are no figures of posts
    [followers] we do not learn how many follow it
    [take_down] posts cannot be taken down from here
    [profile] name and picture are not known
    [stay] our access ends soon and must be given again
   *[other] part of it does not work
}. Connect the account again and tick that box; then schedule it.
account-permission-unasked = On { $network }, { $what ->
    [publish] nothing can be published
    [media] posts with pictures or videos cannot go out
    [parts] threads of several posts cannot go out
    [first_comment] a first comment cannot be added
    [inbox] drafts cannot be laid into the inbox
    [confirm] we cannot look whether a post went out after a cut, and must ask you
    [figures] there are no figures of posts
    [followers] we do not learn how many follow it
    [take_down] posts cannot be taken down from here
    [profile] name and picture are not known
    [stay] our access ends soon and must be given again
   *[other] part of it does not work
} for @{ $handle }: this server does not ask for the permission “{ $scope }”. Whoever runs it adds it to the settings of { $network }; then connect the account again.
account-ends-before = Our access to @{ $handle } ends on { $at }, before this goes out. Connect the account again by then, or it will not go out.

signin-link-dead = This link has been used or is too old. Ask for a new one: socrazi user link.
signin-needed = Sign in first, in a browser.
settings-hold-wrong = The hold window must be between 0 and { $max } seconds.
token-name-wrong = Give the token a name of 1 to { $max } characters without line breaks or other control characters, so that you recognise it later.

connect-not-configured = This server is not set up for { $network }: the operator must set { $keys }.
connect-state-dead = This connection was begun in another browser, was finished already, or took too long. Begin again on the accounts page.
connect-denied = { $network } says that you did not agree. Nothing was connected.
connect-scopes-refused = { $network } did not let us connect: this server's app may not ask for these permissions. Whoever runs the server must compare what it asks for (on LinkedIn: linkedin.scopes) with what its app there may have.
connect-failed = { $network } did not let us connect: { $why ->
    [no_code] it sent no code
    [code] the code was refused
    [app] this server's app credentials were refused
    [unreached] it could not be reached
   *[unclear] no clear answer
}. Begin again; if it stays so, the operator's `socrazi doctor` says what to check.

schedule-zone-unknown = "{ $zone }" is not a time zone. Use an IANA name such as Asia/Tokyo or Europe/Berlin.
schedule-time-unreadable = "{ $given }" cannot be read as a time. Give it as 2026-11-24T09:00:00+09:00, as 2026-11-24T09:00 with a zone, or in words such as "tomorrow at 9am".
schedule-time-naive = "{ $given }" has no time zone, so it could mean many instants. Add zone (such as Asia/Tokyo) or an offset (such as +09:00).
schedule-time-past = { $given } is past; it is now { $now }. Name a later time, or use publish_post for now.
schedule-time-past-for-people = { $given } is past; it is now { $now }. Name a later time, or publish it now.
schedule-time-far = { $given } is more than two years ahead. Check the year.
schedule-time-skipped = { $given } does not exist in { $zone }: clocks go forward over it. Choose: { $choices }
schedule-time-twice = { $given } happens twice in { $zone }: clocks go back over it. Choose: { $choices }
schedule-time-several = "{ $given }" can mean several times in { $zone }. Choose: { $choices }
schedule-time-no-clock = "{ $given }" is { $day }, but at what time? Add one, such as 9:00 or { $day }T09:00.

mcp-message-too-large = The message is larger than { $max }, the most that is taken. Pictures and videos do not go through messages: attach_media with upload gives the person a link for them.
mcp-message-not-text = The message is not text in UTF-8 (from byte { $at } on). Encode it as UTF-8 and send it again.
mcp-message-not-json = The message is not JSON: { $why }. Send one JSON-RPC message.
mcp-arguments-not-object = The arguments must be an object with a name for each value. tools/list shows the names.
common-header-twice = The header { $name } stands there twice, so it is not clear what is meant. Send it once.
mcp-origin-wrong = Pages of this Origin may not use /mcp: only those of server.public_url ({ $url }) may. Programs send no Origin; if this is your own address, the operator sets server.public_url to it.
mcp-host-wrong = This server is not called by that Host. Use the address in server.public_url ({ $url }); if it has another name, the operator sets server.public_url to it.
mcp-session-unknown = There is no such session: initialize again.
mcp-initialize-too-large = initialize is larger than { $max }, the most that is taken: say less of the client.
mcp-tool-ended-late = This was not done within { $seconds } seconds and was ended; nothing of it goes on. Try again with less at once.
mcp-tool-goes-on-key = This takes longer and goes on. Ask again with the same arguments and the idempotency_key { $key }: you get its answer as soon as there is one, and nothing is done twice.
mcp-late-unknown = There is no call to be asked for by { $handle }: such a key comes from this server, for whoever made the call, and counts for an hour. Use another idempotency_key, or none.
mcp-late-other = { $handle } stands for another call. Send exactly the arguments of the call that it was given for.
mcp-late-lost = What came of the call that { $handle } stands for is not known any more: this server was restarted before it was done, or what it may hold was deleted. What only reads can be asked anew; of anything else look first with list_posts or get_post what it did.
mcp-tool-goes-on = This takes longer and goes on. Look with list_posts (posts), list_accounts (accounts) or list_conversations (what was said) in a minute what came of it before you try again. With an idempotency_key you could ask for its answer.
common-also = Not about this call, but tell the person: { $what } { $more ->
    [0] See { $url }
   *[other] And { $more } more: { $url }
}
