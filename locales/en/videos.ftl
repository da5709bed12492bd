# Films that are on a network already, and changes of them. Key: video-thing-case.
approval-act-video = Change your video “{ $title }” on @{ $handle } (YouTube): https://youtu.be/{ $video }
video-edit-field = { $field ->
    [title] Title
    [description] Description
    [tags] Tags
   *[thumbnail] New thumbnail
}
video-edit-exactly = Exactly this is changed, and only if you approve it:
video-edit-before = Now:
video-edit-after = Then:
video-edit-nothing-there = (nothing)
video-edit-done = It was changed, and stands there so now.
video-edit-under-way = The network gave no clear answer. It is looked up and tried again by itself, for a day at most; you are told how it ended.
video-edit-not-yet = The network gave no clear answer, and the video was looked up: it is as it was before. The change is tried again by itself, for a day at most; you are told how it ended.
video-edit-unclear = For a day the network gave no clear answer about a change of your video. Look there how it stands now; if it is not as you wanted it, ask for the change again.
video-edit-changed = The video was changed by somebody else after you were asked, so nothing of this was written. Look at it, and ask for the change anew.
video-edit-not-there = The video is not there any more, so nothing was changed.
video-edit-gone = What this change was about is not here any more (the account, the picture, or the text), so nothing was changed.
video-edit-half = The words were changed. YouTube refused the new thumbnail, so the one before stays.
video-edit-half-unverified = The words were changed. The thumbnail stays as it was: YouTube takes thumbnails only from channels with a verified phone number (youtube.com/verify).
video-edit-nothing = That is how it stands there already. Say what should be different.
video-not-found = @{ $handle } has no video “{ $given }”. Have its videos listed first, and name one by its id or address.
video-account-none = No YouTube channel is connected here. Connect one first.
video-network-none = Videos that are on { $network } already cannot be listed or changed from here.
video-network-away = { $network } did not answer. Try again in a few minutes.
notice-video-edit-done = The change of your video that you approved is made; it had waited for the network.
youtube-edit-quota = This server's daily quota at YouTube is used up, so nothing was changed. It is filled again at midnight in California, in at most { $hours ->
    [one] one hour
   *[other] { $hours } hours
}. Ask for the change again then.
youtube-edit-refused = YouTube refused the change: “{ $detail }”. Nothing was changed. Ask for it in another way.
youtube-edit-thumbnail-unverified = YouTube takes thumbnails only from channels with a verified phone number, so nothing was changed. Verify it at youtube.com/verify.
