# What Instagram's rules and answers mean to a person. Key: instagram-thing-case.

## Before sending
instagram-media-none = Instagram has no posts without a picture or video. Add one.
instagram-text-too-long = The caption has { $length } characters and Instagram takes { $max }: shorten it by { $over }. It fits up to “{ $fits }”. This is over: “{ $cut }”.
instagram-hashtags = The caption has { $count } #tags and Instagram takes { $max }. Take out { $over }.
instagram-mentions = The caption names { $count } accounts with @ and Instagram takes { $max }. Take out { $over }.
instagram-parts-too-many = There are { $count } parts. Instagram has no threads: a second part becomes the first comment, and there can be no third one. Put everything into the caption, or make posts of their own.
instagram-comment-text-only = The second part becomes the first comment under the post, and a comment is text alone. Write some, and put pictures and videos into the first part.
instagram-comment-too-long = The first comment has { $length } characters and Instagram takes { $max }: shorten it by { $over }.
instagram-media-missing = The medium { $media } is not here any more. Upload it again or take it off the post.
instagram-media-kind = Instagram does not take files of the type { $mime } ({ $media }). Use JPEG, PNG, WebP, MP4 or MOV; save an animation as MP4.
instagram-media-too-many = The post has { $count } pictures and videos and Instagram takes { $max }. Take some off, or make two posts.
instagram-media-unreachable = Instagram fetches pictures and videos from this server and cannot reach it. Whoever runs it must set server.public_url to an https address that is open to the internet.
instagram-image-aspect = The picture { $media } measures { $size } pixels. Instagram takes shapes from 4:5 (upright) to 1.91:1 (wide): crop it, to { $nearest } at the most, or post it as a story.
instagram-image-small = The picture { $media } measures { $size } pixels. Instagram blows up what is narrower than { $min }, and it will look blurred.
instagram-carousel-cropped = Instagram crops all pictures and videos of a post to the shape of the first one ({ $size }): something of { $media } will be cut off. Crop it yourself if that matters.
instagram-alt-too-long = The description of { $media } has { $length } characters and Instagram takes { $max }. Shorten it.
instagram-alt-unused = Instagram takes descriptions of pictures only, and none in stories: that of { $media } will not be shown there.
instagram-video-too-large = The video { $media } has { $megabytes } MB and Instagram takes { $max } MB here. Make it smaller.
instagram-video-aspect = The video { $media } measures { $size } pixels, which is too narrow or too wide for Instagram. Crop it, best to 9:16.
instagram-video-width = The video { $media } measures { $size } pixels and Instagram takes a width of { $max }. Resize it.
instagram-video-length = The video { $media } lasts { $seconds } seconds. Instagram takes { $min } to { $max } here: cut it, or post it as a reel instead of a story if it is too long for one.
instagram-story-one = A story shows one picture or video. Take the others off and make a story of each.
instagram-story-text = Stories from apps have no text: what is written here will not be shown on Instagram.
instagram-story-comment = Stories have no comments. Take the second part off.
instagram-poll = Apps cannot put polls on Instagram. Take it off.
instagram-repliers = Apps cannot limit who replies on Instagram. Leave the choice out.
instagram-paid-partnership = Apps that are connected like this one cannot mark paid partnerships on Instagram, so none will be shown. Say it in the caption, or publish in the app.
instagram-collaborators-too-many = { $count } collaborators are named and Instagram takes { $max }. Take some out.
instagram-collaborator-wrong = “{ $handle }” is no handle on Instagram. Write it as it stands in the app: letters, digits, dots and underscores.
instagram-collaborators-where = Instagram takes collaborators on one picture or one reel. Take them out, or post one medium.
instagram-location-wrong = “{ $id }” is no id of a place. Instagram wants its number, not its name.
instagram-location-where = Instagram takes a place on one picture. Take it out, or post one picture.

## After Instagram has answered
instagram-caption-refused = Instagram refused the caption: it is too long or has too many #tags. Shorten it and schedule the post again.
instagram-tags-refused = Instagram refused accounts or places that are tagged in this post. Take some out and schedule it again.
instagram-carousel-refused = Instagram refused the number of pictures and videos. Use 2 to 10, or one, and schedule the post again.
instagram-media-unfetched = Instagram could not fetch a picture or video from this server. Whoever runs it must make server.public_url reachable from the internet; then schedule the post again.
instagram-media-failed = Instagram could not use a picture or video ({ $detail }). The same file will fail again: save it in another format or size and replace it.
instagram-media-unprocessed = Instagram failed twice at a picture or video ({ $detail }) and does not say that the file is at fault. Schedule the post again; if it fails once more, save the file in another format or size and replace it.
instagram-permission-missing = The account was connected without a permission that this needs. Connect it again and allow everything that is asked for; the operator's Meta app must have these permissions, too.
instagram-user-restricted = Instagram has restricted this account. Open Instagram and follow the steps there, then connect the account again.
instagram-blocked = Instagram has blocked this account for now. Open Instagram and see what it says, then connect the account again.
instagram-refused = Instagram refused the post: “{ $detail }”. Change it and schedule it again.
instagram-target-gone = Instagram does not find the post that this belongs to. It may have been deleted.

## Disconnecting
notice-revoke-unconfirmed-instagram = @{ $handle } is disconnected and its tokens are destroyed here. Instagram gives apps no way to end their access themselves: remove Socrazi in Instagram → Settings → Website permissions → Apps and websites.

## What it takes of whoever runs the server
setup-instagram-account = Only professional accounts can be connected: switch the account to Business or Creator in Instagram → Settings → Account type and tools.
setup-instagram-app = At developers.facebook.com make an app with the Instagram product and choose API setup with Instagram login.
setup-instagram-callbacks = Register the deauthorize callback { $removed } and the data deletion request address { $delete }.
setup-instagram-keys = Set instagram.client_id and instagram.client_secret to the Instagram App ID and Instagram App Secret (not those of the Meta app).
setup-instagram-professional = Personal accounts have no API at all.
