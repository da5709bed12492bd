# What X's rules and answers mean to a person. Key: x-thing-case.

## Before sending
x-text-empty = There is nothing to post. Write a text or add an image.
x-text-too-long = The text is { $length } long and X takes { $max }: shorten it by { $over }. This much fits: “{ $fits }”. This is over: “{ $cut }”. Japanese, Chinese, Korean characters and emoji count 2, every link counts 23.
x-text-forbidden-character = Character number { $position } ({ $code }) is not allowed on X. Delete it; it is usually invisible and comes from copying.
x-cashtags-too-many = The text has { $count } cashtags ({ $cashtags }) and X takes { $max }. Write the others without “$”.
x-link-cost = X charges { $cost } US dollars for a post with a link, and { $usual } without one. Leave the link out if it is not needed.
x-media-missing = The medium { $media } is not here any more. Upload it again or take it off the post.
x-media-kind = X does not take files of the type { $mime } ({ $media }). Use JPEG, PNG, WebP, GIF, MP4 or MOV.
x-media-mixed = X takes up to 4 images, or 1 GIF, or 1 video in one post, and this one mixes { $count } files. Split them over several posts.
x-media-too-many = The post has { $count } images and X takes { $max }. Take some off.
x-media-too-large = The file { $media } has { $megabytes } MB and X takes { $max } MB. Make it smaller.
x-media-size = The file { $media } measures { $size } pixels and X takes at most { $max }, for videos at least 32x32. Resize it.
x-gif-frames = The GIF { $media } shows { $frames } pictures, and of { $size } pixels X takes { $max }. Leave pictures out, or make it smaller.
x-video-aspect = The video { $media } measures { $size } pixels. X takes shapes from 1:3 to 3:1: crop it.
x-video-length = The video { $media } lasts { $seconds } seconds. X takes 0.5 to { $max } seconds: cut it.
x-alt-too-long = The description of { $media } has { $length } characters and X takes { $max }. Shorten it.
x-alt-video = X takes no description for videos, so that of { $media } will not be shown. Say it in the text if it matters.
x-poll-options = The poll has { $count } choices. X takes { $min } to { $max }.
x-poll-option-length = Choice { $no } of the poll has { $length } characters. X takes 1 to { $max }.
x-poll-minutes = The poll runs for { $minutes } minutes. X takes { $min } to { $max } minutes (5 minutes to 7 days).
x-poll-with-media = X does not show a poll and media in one post. Take one of them off.
x-thread-too-long = The thread has { $count } parts. At most { $max } are sent: shorten it or split it in two.
x-thread-replies-unsure = This is a thread of { $count } parts. On pay-per-use plans X may refuse replies, then only the first part goes out. Put everything into one post if that must not happen.
x-thread-repeats = Parts { $first } and { $second } of the thread have the same text. X may refuse the second one as a duplicate: change it.

## After X has answered
x-credits-used-up = The X app has no credits left. Nothing was posted; posts stay in the queue. The operator must buy credits in X's developer console.
x-usage-capped = The X app has reached its usage limit for this period. Nothing was posted; posts stay in the queue. The operator can raise the limit in X's developer console.
x-app-not-enrolled = X does not let this app post: it is not attached to a project or plan. The operator must attach it in X's developer console.
x-app-permissions = X does not let this app write. The operator must set its permissions to “Read and write” in X's developer console; then connect the account again.
x-account-suspended = X has suspended this account. Solve that on x.com, then connect the account again.
x-account-locked = X has locked this account for now. Sign in on x.com and follow the steps there, then try again.
x-token-kind = X does not accept this kind of sign-in for posting. Connect the account again.
x-scope-missing = The account was connected without the right “{ $scope }”. Connect it again and allow everything that is asked for.
x-cashtags-refused = X takes at most one cashtag (like $ABC) in a post. Write the others without “$” and schedule it again.
x-feature-missing = X does not allow this account to use something in this post, for example a long text or a long video. Change the post, or the subscription of the account on X.
x-not-permitted = X does not permit this post. The usual reasons: the text is too long, the video is over 2 minutes, or the app may not write. Check these and schedule it again.
x-reply-refused = X does not permit part { $part } of the thread as a reply. Pay-per-use plans may not allow replies. The parts before it stay published; post the rest as a post of its own.
x-refused = X refused the post: “{ $detail }”. Change it and schedule it again.
x-url-invalid = X finds a link in this post invalid. Check the links and schedule it again.
x-target-gone = X does not find the post that this belongs to. It may have been deleted.
x-media-failed = X could not process the file: “{ $detail }”. The same file will fail again: save it in another format or size and replace it.

## Disconnecting
notice-revoke-unconfirmed-x = @{ $handle } is disconnected and nothing goes out with its tokens any more, but X did not confirm that they are dead. Remove Socrazi at x.com → Settings → Security and account access → Apps and sessions → Connected apps.

## What it takes of whoever runs the server
setup-x-app = At developer.x.com make a project and an app, with the pay-per-use plan and credits.
setup-x-auth = In its User authentication settings choose OAuth 2.0, the type Web App (a confidential client) and the permission Read and write.
setup-x-keys = Set x.client_id and x.client_secret from your app at developer.x.com (User authentication settings, OAuth 2.0).
setup-x-plan = A pay-per-use plan with credits is needed; without credits X refuses every post of this server.
setup-x-replies = Replies, and with them threads, may be refused on self-serve plans.
setup-x-cost = 0.015 USD a post, 0.20 USD with a link
