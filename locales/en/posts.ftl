# Posts, deliveries, approvals. One wording per state, used everywhere; an unknown outcome is never called failed.
post-not-found = There is no post { $id } here. list_posts shows which there are.
post-not-found-for-people = There is no such post of yours here any more.
post-revision-stale = The post was edited meanwhile: you gave revision { $given }, it is now at { $current }. Read it with get_post and edit that.
post-revision-stale-for-people = The post was edited meanwhile. Open it again, and change what it says now.
post-has-errors = { $count ->
    [one] 1 thing
   *[other] { $count } things
} must be changed before it can go out. get_post lists { $count ->
    [one] it
   *[other] them
}.
post-has-errors-for-people = { $count ->
    [one] 1 thing
   *[other] { $count } things
} must be changed before it can go out. Its page shows which.
post-withdrawn = Post { $id } was withdrawn. withdraw_post with restore brings it back as a draft.
post-withdrawn-for-people = This post was withdrawn. On its page it can be restored as a draft.
post-nothing-to-withdraw = There is nothing to withdraw: it is out already, or was withdrawn before. take_down_post removes what is out.
post-nothing-to-withdraw-for-people = There is nothing to withdraw: it is out already, or was withdrawn before. What is out can be taken down on its page.
post-nothing-to-restore = There is nothing to bring back: the post was not withdrawn, or more than 30 days ago.
post-already-going-out = It is already on its way to @{ $account }, so this cannot be changed now. get_post tells how it went.
post-already-going-out-for-people = It is already on its way to @{ $account }, so this cannot be changed now.
post-published-already = It is already out on @{ $account }. Sending the same post again is a person's decision; write a new draft for something else.
post-scheduled-already = It is already scheduled for exactly that time on @{ $account }.
post-edit-unsettled = Whether this post is out on @{ $handle } is not known yet, and what may be out there is the text as it is now. Edit it once that is settled.
post-revision-ahead = Revision { $given } does not exist yet: the post is at { $current }. Read it with get_post and edit that.
post-revision-ahead-for-people = The post was edited meanwhile. Open it again, and change what it says now.
post-text-missing = The text is missing: give text, or segments for a thread, media or a poll, or variants for single accounts.
post-no-variants = None of its accounts was named. Name an account that the post is written for.
post-asked-each-time = { $network } wants the person to choose for each post who sees it and what it discloses, so a post that comes again cannot be agreed to once for all its times. Make a draft for each time and schedule them as a plan.
notice-left-private = What was brought to the network for a post that did not go out lies there, and nobody but you sees it: { $link }. Delete it there if you do not need it.
notice-left-unseen = What was brought to { $network } for a post of @{ $handle } that is not out could not be looked up. It may lie there, seen by nobody but you: { $link }. Delete it there if you do not need it.
notice-left-removed = A post on @{ $handle } was stopped. What had been uploaded for it, which nobody saw, was removed again.
post-day-full = { $what ->
    [posts-of-day] { $network } takes at most { $max } posts a day (UTC) from one account, and as many are planned for that day.
    [uploads] { $network } takes at most { $max } uploads a day from this server, for all its channels together, and as many are planned for that day.
    [units] { $network } gives this server { $max } units a day, for all its channels together, and what is planned for that day uses them up.
   *[posts] { $network } takes at most { $max } posts in 24 hours from one account, and as many are planned around this time.
} Choose another time. There is room again from { $next }.
post-day-full-long = { $what ->
    [posts-of-day] { $network } takes at most { $max } posts a day (UTC) from one account, and as many are planned for that day.
    [uploads] { $network } takes at most { $max } uploads a day from this server, for all its channels together, and as many are planned for that day.
    [units] { $network } gives this server { $max } units a day, for all its channels together, and what is planned for that day uses them up.
   *[posts] { $network } takes at most { $max } posts in 24 hours from one account, and as many are planned around this time.
} The two months after it are full, too: choose a much later time, or stop something that is planned.
finding-day-near = { $what ->
    [posts-of-day] { $network } takes { $most } posts of @{ $handle } a day (UTC). With what is out and planned that day, this would be number { $number }.
    [uploads] { $network } takes { $most } uploads a day from this server, those of @{ $handle } among them. With what is out and planned that day, this would be number { $number }.
    [units] { $network } gives this server { $most } units a day, for @{ $handle } and its other channels together. With what is out and planned that day, this would bring it to { $number }.
   *[posts] { $network } takes { $most } posts of @{ $handle } in 24 hours. With what is out and planned there, this would be number { $number }.
}
finding-day-over = { $what ->
    [posts-of-day] { $network } takes { $most } posts of @{ $handle } a day (UTC). With what is out and planned that day, this would be number { $number }: it may have to wait until there is room again. Another time is safer.
    [uploads] { $network } takes { $most } uploads a day from this server, those of @{ $handle } among them. With what is out and planned that day, this would be number { $number }: it may not go out. Another day is safer.
    [units] { $network } gives this server { $most } units a day, for @{ $handle } and its other channels together. With what is out and planned that day, this would bring it to { $number }: it may not go out. Another day is safer.
   *[posts] { $network } takes { $most } posts of @{ $handle } in 24 hours. With what is out and planned there, this would be number { $number }: it may have to wait until there is room again. Another time is safer.
}
post-too-many-variants = One post can go to at most { $max } accounts. Make two posts.
post-too-many-segments = A thread can have at most { $max } parts. Make two threads.
post-empty = There is nothing to say yet: write a text or attach a medium.
draft-banned-word = “{ $word }” is among your words never to use (settings). It goes out as it stands unless you change it.
post-too-long-any = The text is longer than { $max } characters, more than any network takes. Cut it first.

post-status-draft = Draft.
post-status-waiting-for-you = Waits for your approval.
post-status-scheduled = Scheduled.
post-status-needs-attention = Needs your attention.
post-status-published = Published.
post-status-withdrawn = Withdrawn.

delivery-state-scheduled = Scheduled.
delivery-state-leased = Being prepared.
delivery-state-armed = Going out now.
delivery-state-processing = Accepted; the network is still working on it.
delivery-state-waiting = Will be tried again by itself.
delivery-state-unknown = We could not confirm whether it went out. Checking.
delivery-state-blocked = Waits for the account to be mended.
delivery-state-paused = Paused.
delivery-state-unapproved = Will not go out until you approve it again.
delivery-state-needs-human = We could not confirm whether it went out. Please look.
delivery-state-missed = Its time passed; it did not go out.
delivery-state-published = Published.
delivery-state-partial = Only a part is visible.
delivery-state-failed = Refused by the network; nothing is visible.
delivery-state-cancelled = Withdrawn; it did not go out.
delivery-state-taken-down = Was published and then removed.

delivery-reason-late = It was more than an hour late, so it was not sent without asking you.
delivery-reason-edited = The post was edited after the approval.
delivery-reason-network-busy = The network could not take it just now.
delivery-reason-rate-limited = The network asks us to wait.
delivery-reason-gave-up = The network refused it { $tries } times in a row; nothing is visible.
delivery-reason-no-answer = The network's answer did not arrive, so we read the account's own posts.
delivery-reason-not-sent = The network could not be reached; nothing was sent.
delivery-reason-media-expired = The uploaded media had expired; they are uploaded again.
delivery-reason-spent = The network did not find what was prepared for this post; it is tried again.
delivery-reason-reconnect = The network no longer accepts our access. Connect the account again.
delivery-reason-refreshing = The network asked for fresh access; it is being renewed.
delivery-reason-duplicate = The network says that the same text was posted on this account recently. Change the text.
delivery-reason-absent = Two complete looks showed that it is not there, so it is sent again.
delivery-reason-not-seen = It was not among the account's posts, but this network's list is no proof. Is it there?
delivery-reason-two-candidates = More than one post fits. Which one is it?
delivery-reason-unlisted = The network says that it is out, but we do not find it among the account's posts. Is it there?
delivery-reason-cannot-read = The account's posts could not be read.
delivery-reason-processing-long = The network has been working on it for hours.
delivery-reason-handed = It lies in the account's inbox at the network, and nobody sees it until it is finished and posted there.
delivery-reason-person-send = You said that it is not there, so it is sent again.
delivery-reason-person-drop = You dropped it.
delivery-reason-withdrawn = It was withdrawn.
delivery-reason-moved = It was moved to another time.
delivery-reason-disconnected = The account was disconnected.
delivery-reason-disconnected-unknown = The account was disconnected before we could look. Is the post there?
delivery-reason-no-part = There is no further part to send.
delivery-reason-no-parent = The part before it is not known to us, so the thread cannot be continued.

receipt-answered = The network confirmed it.
receipt-read-back = The network's answer was lost; the account's own posts show it.
receipt-person = A person confirmed it.

approval-waiting = Waiting for the person: { $url }
approval-not-found = There is no approval { $id } for you here.
approval-decided = This was answered already: { $decision ->
    [approved] approved
    [declined] declined
    [superseded] replaced by a newer question
    [void] what it was about is not there any more
   *[other] too late
  }.
approval-void-account = The account that this was about was disconnected before anybody answered. Nothing goes out; connect it again and ask anew if you still want it.
notice-approvals-void = Disconnecting @{ $handle } ({ $network }) closed { $count ->
    [one] one question that waited for your answer
   *[other] { $count } questions that waited for your answer
}: nothing of it goes out.
approval-expired = This question is more than a week old. Schedule the post again to be asked anew.
approval-changed = What you saw is not what would go out any more: the post, its account or its time changed. Open the post and look again.
approval-time-passed = The time it was meant for has passed. Schedule it again for a later time.
approval-not-by-model = Only a person can answer this, in a signed-in browser.
approval-act-publish-now = Publish now on { $accounts }
approval-act-schedule = Schedule for { $accounts }
approval-act-resume = Let all publishing go on. { $late ->
         [skip] What should have gone out during the pause is skipped.
         [shift] Everything that was held moves later by as long as the pause was.
        *[ask] What came due meanwhile is asked about.
    }
approval-act-resume-account = Let publishing on @{ $handle } ({ $network }) go on. { $late ->
         [skip] What should have gone out during the pause is skipped.
         [shift] Everything that was held moves later by as long as the pause was.
        *[ask] What came due meanwhile is asked about.
    }
approval-act-resume-post = Let publishing of this post go on: “{ $text }”. { $late ->
         [skip] What should have gone out during the pause is skipped.
         [shift] Everything that was held moves later by as long as the pause was.
        *[ask] What came due meanwhile is asked about.
    }
approval-act-take-down = Remove this published post from @{ $handle } ({ $network }): “{ $text }”
approval-act-disconnect = Disconnect @{ $handle } and destroy its access
approval-act-forget-one = Delete this conversation for good: “{ $name }”, last message { $at }
approval-act-forget-gone = Delete a conversation for good
approval-act-forget-all = Delete every conversation for good
approval-act-forget-post = Delete this post for good, with its history here and the pictures that nothing else uses: “{ $text }”. What is out on a network stays there.
approval-act-forget-post-gone = Delete a post for good (it is not here any more)
approval-act-forget-medium = Delete this for good: { $what }. No draft and no post uses it.
approval-act-forget-medium-gone = Delete a picture, film or document for good (it is not here any more)
approval-act-forget-posts = { $count ->
    [one] Delete for good 1 draft or post last changed from { $from } to { $until }, with its pictures and history here. What is out on a network stays there.
   *[other] Delete for good { $count } drafts and posts last changed from { $from } to { $until }, with their pictures and history here. What is out on a network stays there.
}
approval-act-forget-posts-all = { $count ->
    [one] Delete for good the 1 draft or post of before { $until }, with its pictures and history here. What is out on a network stays there.
   *[other] Delete for good all { $count } drafts and posts of before { $until }, with their pictures and history here. What is out on a network stays there.
}
forget-post-going-out = Something of it is going out at this moment. Answer again in a minute.
forget-posts-stayed = { $count ->
    [one] 1 post stayed, because it is
   *[other] { $count } posts stayed, because they are
} going out at this moment. Everything else is gone; ask again in a minute for the rest.
approval-act-forget-span = Delete for good what was said from { $from } to { $until }
approval-gone = What this was about is not there any more. Nothing can be done with it.
approval-gone-account = @{ $handle } is not connected any more, so nothing can go out there. Schedule the post again to be asked anew.
approval-gone-text = What was to go out on @{ $handle } is not there any more. Schedule the post again to be asked anew.
approval-option-instagram-collaborators = These accounts are invited to show it on their profiles, too: { $handles }.
approval-option-instagram-location = Tagged with the place number { $id }.
approval-option-instagram-story = A story: it is shown for a day.
approval-option-youtube-category = In YouTube's category number { $id }.
approval-option-youtube-for-kids = Declared as made for children.
approval-option-youtube-not-for-kids = Declared as not made for children.
approval-option-youtube-private = Private: only the channel's own people can see it.
approval-option-youtube-quiet = Subscribers are not told of it.
approval-option-youtube-tags = Tags: { $tags }.
approval-option-youtube-title = Its title: { $title }
approval-option-youtube-unlisted = Unlisted: whoever has the link can see it.
approval-option-made-with-ai = Labelled as made with AI.
approval-option-paid-partnership = Labelled as a paid partnership.
approval-option-repliers-following = Only people you follow can reply.
approval-option-repliers-mentioned = Only people you mention can reply.
approval-option-repliers-subscribers = Only subscribers can reply.
approval-option-repliers-verified = Only verified accounts can reply.

settle-link-wrong = “{ $given }” is no address of a post of @{ $handle } on { $network }. Copy it from the post itself, or leave the field empty.
settle-link-taken = That address belongs to something else that was sent from here. Look again which post it is.
settle-too-early = The network may still be working on it and show it in a moment. Look again in a minute, then answer.
settle-too-late = It does not wait for you any more; it stands at "{ $state }" now.
withdraw-done = Withdrawn. Nothing more goes out of this post.
withdraw-too-late = too late to stop. { $state }
pause-which = This program was let in for some accounts only, so it cannot pause everything. Name one as account, one call each: { $accounts }.
pause-beyond = This program was let in for some accounts only, so it cannot pause everything or let everything go on.
pause-done = Paused. Nothing goes out until a person lets it go on.
take-down-no-address = Where this post is on its network is not known, so it cannot be removed from here. Delete it there.
take-down-nothing = Nothing of this post is out.
take-down-failed = { $network } did not confirm the removal. Look there, and try again.

notice-published = Published on @{ $handle }.
notice-handed = A draft lies in the inbox of @{ $handle }: finish it there, it is not public yet.
notice-partial = { $done } of { $of } parts are visible on @{ $handle }. The rest will not follow by itself.
notice-failed = The network refused the post for @{ $handle }; nothing is visible.
notice-needs-human = We could not confirm whether the post went out on @{ $handle }. Please look.
notice-missed = The time for @{ $handle } passed and the post did not go out. Choose a new time or drop it.
notice-blocked = The post for @{ $handle } waits: the account must be mended first.
notice-restored = This server was brought back from a backup of { $made }. What went out after that is not known here, so publishing is paused. Look at your accounts, withdraw here what is out already, then let publishing go on.
notice-restored-some-time = This server was brought back from a backup. What went out after it was made is not known here, so publishing is paused. Look at your accounts, withdraw here what is out already, then let publishing go on.
notice-unapproved = An approved post was edited and will not go out until you approve it again.
forget-going-out = Something of theirs is going out at this moment. Begin again in a minute: access is revoked already, so nothing else will.
notice-disconnected = @{ $handle } on { $network } is disconnected. { $count ->
    [0] Nothing was scheduled there
    [one] 1 scheduled post was withdrawn
   *[other] { $count } scheduled posts were withdrawn
}. { $revoked ->
    [yes] { $network } confirmed that our access is over
    [later] { $network } has not confirmed yet that our access is over: it is asked again for a day, and what that takes is kept sealed until then
   *[no] Our copies of its tokens are destroyed
}.
notice-revoke-confirmed = { $network } has now confirmed that our access to @{ $handle } is over. You need do nothing more there.
notice-channel-ended = @{ $handle } on YouTube has to be connected again: its Google account was let go. What is planned there waits until then.
notice-network-stopped = { $network } refuses this server as a whole for now (the reason stands with each post). Nothing is sent there meanwhile; it is tried again every few minutes.
notice-asked-by = { $name } asks for your yes.
notice-asked = An assistant asks for your yes.
notice-ended = @{ $handle } on { $network } must be connected again: { $why ->
    [refused] the network refused our access before its time
    [revoked] our access was taken back there
    [expired] our access reached its end
    [unclear] the answer to a renewal was lost, and asking again could end it for good
    [unpermitted] the permission to publish is missing
    [let_go] the Google account behind it was let go
    [blocked] the network holds the account back; what it said stands with the post
   *[other] our access ended
}.
notice-reconnect = @{ $handle } must be connected again.
notice-ends-soon = Our access to @{ $handle } on { $network } ends within { $days ->
    [one] one day
   *[other] { $days } days
}. Connect the account again; nothing that is scheduled is lost by it.
picture-title = Preview
picture-post = How @{ $handle } would show it on { $network }:
picture-part = Part { $no } of { $of }:
picture-length = { $length } of { $max } characters.
picture-cut = Cut to { $shape }.
picture-more = …more
picture-others = { $count ->
    [one] One more part is not drawn here.
   *[other] { $count } more parts are not drawn here.
}
picture-marks = A gray mark stands for an emoji or a letter that this picture cannot draw. It goes out as it was written.
notice-deauthorized = { $network } says that the person behind @{ $handle } removed this app there. Access is destroyed here. { $count ->
    [0] Nothing was scheduled there.
    [one] One post that was scheduled there is cancelled.
   *[other] { $count } posts that were scheduled there are cancelled.
} Connect the account again if that was not meant.
notice-deleted-at-network = The person behind one of your accounts on { $network } asked for the deletion of its data. The account is disconnected, what was scheduled there is cancelled, and what came from it is deleted. What you wrote is still here.
