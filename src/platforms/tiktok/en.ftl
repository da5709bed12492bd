# What TikTok's rules and answers mean to a person. Key: tiktok-thing-case.

## Before sending
tiktok-media-none = TikTok has no posts without a video or a photo. Add one video, or up to 35 photos.
tiktok-no-threads = TikTok has no threads, and this is one of { $count } parts. Make it one post, or posts of their own.
tiktok-poll = TikTok has no polls that apps can set. Take it off.
tiktok-repliers = TikTok does not let apps limit who may comment. Leave it at everyone, or leave comments off.
tiktok-text-too-long = The text is { $length } long and TikTok takes { $max }: shorten it by { $over }. It fits up to “…{ $fits }”. This is over: “{ $cut }”. Most emoji count 2 or more, everything else 1.
tiktok-title-too-long = The title has a length of { $length } and TikTok takes { $max }. Shorten it.
tiktok-media-missing = The medium { $media } is not here any more. Upload it again or take it off the post.
tiktok-media-kind = TikTok does not take files of the type { $mime } ({ $media }). Use an MP4 or MOV video, or JPEG, WebP or PNG photos.
tiktok-media-mixed = TikTok shows one video, or up to { $max } photos, and never both in one post. Take some off.
tiktok-photos-too-many = The post has { $count } photos and TikTok takes { $max }. Take some off.
tiktok-photos-unreachable = TikTok fetches photos itself, from an address that it has verified for this server's app, and has none. Whoever runs the server must have the https address in server.public_url verified by TikTok and set tiktok.url_verified. Videos can be posted without.
tiktok-alt-unused = TikTok takes no descriptions, so that of { $media } is not sent.
tiktok-video-large = The video { $media } has { $gigabytes } GB and TikTok takes { $max } GB. Make it smaller.
tiktok-video-size = The video { $media } measures { $size }. TikTok takes { $min } to { $max } pixels on each side.
tiktok-video-long = The video { $media } lasts { $seconds } seconds and TikTok takes { $max }. Cut it.
tiktok-privacy-missing = Who may see the post on TikTok was not chosen. Ask the person each time and set tiktok.privacy: public, friends or only_me, on a private account followers, friends or only_me.
tiktok-paid-only-me = TikTok does not show a paid partnership to its author alone. Choose another audience, or take the mark off.
tiktok-unaudited = TikTok has not audited this server's app, and until then takes posts for nobody but their author: choose only_me, on an account that is private, or lay the post into the inbox as a draft. If the app has been audited, whoever runs the server sets tiktok.audited.
tiktok-unaudited-account = TikTok has not audited this server's app yet: it takes this only if the account is private.
tiktok-draft-text = Of a draft TikTok takes the video alone: the text is not sent. Write it in the TikTok app when you finish the post.
tiktok-draft-drops = Of a draft TikTok drops the audience, the switches, the cover and the marks. Choose them in the TikTok app when you finish the post.
tiktok-choice-unused = { $choice ->
    [duet] Photos on TikTok have no Duet, so that choice is not sent.
    [stitch] Photos on TikTok have no Stitch, so that choice is not sent.
    [cover_ms] The cover of photos is the first one; the chosen moment is not sent.
    [title] Only photos have a title on TikTok; that of this video is not sent.
   *[music] TikTok adds music to photos only; to this video it adds none.
}
tiktok-photos-ai = TikTok has no mark for AI content on photos, so none will be shown. Say it in the text.

## What is approved
approval-option-tiktok-privacy-public = On TikTok everyone sees it.
approval-option-tiktok-privacy-followers = On TikTok your followers see it.
approval-option-tiktok-privacy-friends = On TikTok friends see it: followers whom you follow back.
approval-option-tiktok-privacy-only-me = On TikTok only you see it.
approval-option-tiktok-allowed = Comments: { $comments ->
    [on] on
   *[off] off
}; Duet: { $duet ->
    [on] on
   *[off] off
}; Stitch: { $stitch ->
    [on] on
   *[off] off
}.
approval-option-tiktok-own-brand = Labelled as promotion of your own business.
approval-option-tiktok-draft = A draft: it goes into your inbox on TikTok and nobody sees it until you finish and post it there.
approval-option-tiktok-title = Title: “{ $title }”.
approval-option-tiktok-music = TikTok adds music.
approval-option-tiktok-cover = Cover: the moment at { $seconds } seconds.

## After TikTok has answered
tiktok-privacy-not-offered = This TikTok account does not offer the audience “{ $wanted }” just now. It offers: { $offered }. Choose one of these and have it approved again.
tiktok-video-long-here = The video lasts { $seconds } seconds, and this TikTok account may post { $max }. Cut it.
tiktok-permission-missing = The account was connected without the permission to post, or the operator's TikTok app lost it. Connect the account again and leave everything ticked.
tiktok-banned = TikTok does not let this account make new posts. Look into the TikTok app, then connect the account again.
tiktok-spam = TikTok takes the post for spam and asks not to try it again. Change the text, or post it in the TikTok app.
tiktok-url-unverified = TikTok does not accept this server's address as one of its app's. Nothing was published. Whoever runs the server must have the address in server.public_url verified by TikTok.
tiktok-app-old = The TikTok app on the account's phone is too old for drafts with photos: version 31.8 or later is needed. Update it and try again.
tiktok-refused = TikTok refused the post: “{ $detail }”. Change it and schedule it again.
tiktok-media-failed = TikTok could not use the video or photos ({ $detail }). The same file will fail again: save it in another way and replace it.
tiktok-cancelled = The post was stopped at TikTok before it went out.
tiktok-look = TikTok did not answer clearly, and what is not public is in no list. Open { $link } or the TikTok app, signed in as that account: is the post there? If it is, choose “It is there”; if it is not, “It is not there: send it”.
tiktok-remove-by-hand = TikTok does not let apps remove posts. Remove it in the TikTok app.
notice-revoke-unconfirmed-tiktok = @{ $handle } is disconnected and nothing goes out with its tokens any more, but TikTok did not confirm that they are dead. Remove Socrazi in the TikTok app → Settings and privacy → Security and permissions → Apps and services permissions.

## What it takes of whoever runs the server
setup-tiktok-app = At developers.tiktok.com make an app with the products Login Kit and Content Posting API, Direct Post switched on: a web app where server.public_url is https, a desktop app where it is this machine.
setup-tiktok-scopes = Add these scopes to the app: { $scopes }.
setup-tiktok-audit = Apply for the audit of the Content Posting API; when it is passed, set tiktok.audited to on.
setup-tiktok-webhook = Register the webhook callback address { $url } (it must be https).
setup-tiktok-keys = Set tiktok.client_key and tiktok.client_secret from the app's page.
setup-tiktok-audited = TikTok has audited the app (tiktok.audited is on).
setup-tiktok-unaudited = TikTok has not audited the app (tiktok.audited is off): it posts for the author's eyes only, on private accounts of up to 5 people a day. Anything wider is refused when a post is checked.
setup-tiktok-photos = Photos can be posted: TikTok has verified server.public_url (tiktok.url_verified is on).
setup-tiktok-no-photos = Photos need an https server.public_url that TikTok has verified (then set tiktok.url_verified to on). Until then they are refused when a post is checked.
