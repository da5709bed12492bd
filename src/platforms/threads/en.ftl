# What Threads' rules and answers mean to a person. Key: threads-thing-case.

## Before sending
threads-text-empty = There is nothing to post. Write a text or add an image.
threads-text-too-long = The text is { $length } long and Threads takes { $max }: shorten it by { $over }. This much fits: “{ $fits }”. This is over: “{ $cut }”. Each emoji counts 3 or more, everything else 1.
threads-links-too-many = The text has { $count } different links and Threads takes { $max }. Take some out.
threads-topic-one = The text has { $count } #tags. Threads makes only the first one the topic of the post; the others stay plain text.
threads-media-missing = The medium { $media } is not here any more. Upload it again or take it off the post.
threads-media-kind = Threads does not take files of the type { $mime } ({ $media }). Use JPEG, PNG, MP4 or MOV.
threads-media-too-many = The post has { $count } pictures and videos and Threads takes { $max }. Take some off.
threads-media-too-large = The file { $media } has { $megabytes } MB and Threads takes { $max } MB. Make it smaller.
threads-media-aspect = The file { $media } measures { $size } pixels. Threads takes shapes up to 10:1, videos from 1:100 on: crop it.
threads-video-width = The video { $media } measures { $size } pixels. Threads takes a width of up to { $max } pixels. Resize it.
threads-video-length = The video { $media } lasts { $seconds } seconds and Threads takes { $max }. Cut it.
threads-alt-too-long = The description of { $media } has { $length } characters and Threads takes { $max }. Shorten it.
threads-media-unreachable = Threads fetches pictures and videos from this server and cannot reach it. Whoever runs it must set server.public_url to an https address that is open to the internet. Texts can be posted as it is.
threads-poll-options = The poll has { $count } choices. Threads takes { $min } to { $max }.
threads-poll-option-length = Choice { $no } of the poll has { $length } characters. Threads takes 1 to { $max }.
threads-poll-day = On Threads a poll runs for one day, whatever is chosen here.
threads-poll-with-media = Threads does not show a poll and media in one post. Take one of them off.
threads-chain-too-long = The thread has { $count } parts. At most { $max } are sent: shorten it or split it in two.
threads-repliers = Threads cannot limit replies to subscribers or verified accounts. Choose everyone, people the account follows, or people mentioned.
threads-disclosure = Threads has no mark for AI content or paid partnerships that apps can set, so none will be shown. Say it in the text.

## After Threads has answered
threads-links-refused = Threads finds too many links in this post. Take some out and schedule it again.
threads-feature-missing = Threads does not allow this account to use something in this post. Change the post and schedule it again.
threads-media-unfetched = Threads could not fetch a picture or video from this server. Whoever runs it must make server.public_url reachable from the internet; then schedule the post again.
threads-media-failed = Threads could not process a picture or video ({ $detail }). The same file will fail again: save it in another format or size and replace it.
threads-media-unprocessed = Threads failed twice at a picture or video ({ $detail }) and does not say that the file is at fault. Schedule the post again; if it fails once more, save the file in another format or size and replace it.
threads-permission-missing = The account was connected without a permission that this needs. Connect it again and allow everything that is asked for; the operator's Meta app must have these permissions, too.
threads-user-restricted = Threads has restricted this account. Open Threads and follow the steps there, then connect the account again.
threads-blocked = Threads has blocked this account for now. Open Threads and see what it says, then connect the account again.
threads-reply-refused = Threads does not find the post that part { $part } of the thread should follow. The parts before it stay as they are; post the rest as a post of its own.
threads-refused = Threads refused the post: “{ $detail }”. Change it and schedule it again.
threads-target-gone = Threads does not find the post that this belongs to. It may have been deleted.

## Disconnecting
notice-revoke-unconfirmed-threads = @{ $handle } is disconnected and its tokens are destroyed here. Threads gives apps no way to end their access themselves: remove Socrazi in Threads → Settings → Account → Website permissions.

## What it takes of whoever runs the server
setup-threads-app = At developers.facebook.com make an app with the use case Access the Threads API.
setup-threads-people = Until App Review is passed, add people as Threads testers; they accept the invitation in Threads → Settings → Account → Website permissions.
setup-threads-callbacks = Register the uninstall callback { $removed } and the delete callback { $delete }.
setup-threads-keys = Set threads.client_id and threads.client_secret to the Threads App ID and Threads App Secret (not the Facebook App ID).
