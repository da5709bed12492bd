# What LinkedIn's rules and answers mean to a person. Key: linkedin-thing-case.

## Before sending
linkedin-text-empty = There is nothing to post. Write a text or add an image.
linkedin-text-too-long = The text is { $length } long and LinkedIn takes { $max }: shorten it by { $over }. This much fits: “{ $fits }”. This is over: “{ $cut }”. Most emoji count 2 or more, everything else 1.
linkedin-no-threads = LinkedIn has no threads, and this post has { $count } parts. Make it one text of up to 3000 characters, or posts of their own.
linkedin-media-missing = The medium { $media } is not here any more. Upload it again or take it off the post.
linkedin-media-kind = LinkedIn does not take files of the type { $mime } ({ $media }). Use JPEG, PNG, GIF, MP4 or PDF.
linkedin-images-too-many = The post has { $count } images and LinkedIn takes { $max }. Take some off.
linkedin-media-mixed = LinkedIn shows up to { $max } images, or one video, or one document in a post, and never two of these kinds together. Take some off.
linkedin-media-too-large = The file { $media } has { $megabytes } MB and LinkedIn takes { $max } MB. Make it smaller.
linkedin-image-pixels = The image { $media } measures { $size }, and LinkedIn takes fewer than { $max } pixels in all. Make it smaller.
linkedin-gif-frames = The GIF { $media } shows { $frames } pictures and LinkedIn takes { $max }. Leave pictures out.
linkedin-pages = The document { $media } has { $pages } pages, and LinkedIn is said to take { $max }. It may refuse this one: split it, or leave pages out.
linkedin-alt-too-long = The description of { $media } has { $length } characters and { $max } are sent. Shorten it.
linkedin-title-too-long = The description of the document { $media } is its title on LinkedIn. It has { $length } characters; up to { $max } are shown. Shorten it.
linkedin-video-too-small = The video { $media } is smaller than { $min } kB, and LinkedIn takes none so small. Export it in better quality.
linkedin-video-length = The video { $media } lasts { $seconds } seconds. LinkedIn takes { $min } seconds to { $max } minutes: cut it, or make it longer.
linkedin-video-alt = LinkedIn takes no description of a video, so that of { $media } is not sent. Say in the text what is seen.
linkedin-poll-question = On LinkedIn the text of a post with a poll is its question. It has { $length } characters and LinkedIn takes { $max }. Shorten it.
linkedin-poll-options = The poll has { $count } choices. LinkedIn takes { $min } to { $max }.
linkedin-poll-option-length = Choice { $no } of the poll has { $length } characters. LinkedIn takes 1 to { $max }.
linkedin-poll-length = On LinkedIn a poll runs for 1, 3, 7 or 14 days. Choose one of these; { $days } is the nearest.
linkedin-poll-with-media = LinkedIn does not show a poll and media in one post. Take one of them off.
linkedin-repliers = LinkedIn does not let apps limit who may comment. Leave it at everyone.
linkedin-disclosure = LinkedIn has no mark for AI content or paid partnerships that apps can set, so none will be shown. Say it in the text.

## After LinkedIn has answered
linkedin-look = LinkedIn did not answer clearly, and it does not let this app read what the account posted. Open { $link }, signed in as that member: is the post there? If it is, copy its address and choose “It is there”; if it is not, choose “It is not there: send it”.
linkedin-version-dead = LinkedIn no longer answers the version of its API that this server asks for. Nothing was published. Whoever runs the server must set linkedin.version to a newer one.
linkedin-permission-missing = The account was connected without the permission to post, or the operator's LinkedIn app lost it. Connect the account again; the app must have the product Share on LinkedIn.
linkedin-media-failed = LinkedIn could not process an image, video or document ({ $detail }). The same file will fail again: save it in another way and replace it.
linkedin-refused = LinkedIn refused the post: “{ $detail }”. Change it and schedule it again.
linkedin-target-gone = LinkedIn does not find what this post belongs to. It may have been deleted.
linkedin-remove-unknown = LinkedIn did not say which post this is, so it cannot be removed from here. Remove it there: { $link }
linkedin-remove-by-hand = LinkedIn does not let apps remove a post by this address. Remove it there: { $link }
linkedin-figures-not-given = LinkedIn gives no figures of posts to an app with these LinkedIn products: they are unknown here, not zero. LinkedIn itself shows them under each post.

## Disconnecting
notice-revoke-unconfirmed-linkedin = @{ $handle } is disconnected and nothing goes out with its tokens any more, but LinkedIn did not confirm that they are dead. Remove Socrazi in LinkedIn → Settings & Privacy → Data privacy → Permitted services.

## What it takes of whoever runs the server
setup-linkedin-app = At linkedin.com/developers make an app; it needs a LinkedIn page.
setup-linkedin-products = Add the products Share on LinkedIn and Sign In with LinkedIn using OpenID Connect.
setup-linkedin-keys = Set linkedin.client_id and linkedin.client_secret from the app's Auth page.
setup-linkedin-self-serve = With the two self-serve products members post and nothing can be read: no figures, a lost answer is asked of the person, and everybody connects again each 60 days.
setup-linkedin-partners = Reading and renewing without asking are for approved partners; they name their permissions in linkedin.scopes.
