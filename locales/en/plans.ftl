# Rules, slots, pauses, the same thing twice, the rehearsal of the coming day.

recurrence = { $rule }, { $times ->
    [one] once
   *[other] { $times } times
}, the last on { $last }. { $late }
recurrence-every = { $every ->
    [daily] { $interval ->
        [one] every day
       *[other] every { $interval } days
    }
    [weekly] { $interval ->
        [one] every week
       *[other] every { $interval } weeks
    }
    [monthly] { $interval ->
        [one] every month
       *[other] every { $interval } months
    }
   *[yearly] { $interval ->
        [one] every year
       *[other] every { $interval } years
    }
}
time-rule-on = { $base } on { $days }
recurrence-comma = ,{" "}
recurrence-nth-day = { $no ->
    [1] the first { $day }
    [2] the second { $day }
    [3] the third { $day }
    [4] the fourth { $day }
    [5] the fifth { $day }
   *[other] { $day } number { $no }
}
recurrence-last-day = the last { $day }
recurrence-month-day = day { $day }
recurrence-month-end = the last day
recurrence-catch-up-skip = A time that passes while nothing can go out is skipped.
recurrence-catch-up-latest = Of the times that pass while nothing can go out, only the latest is sent late.
recurrence-catch-up-ask = You are asked about each time that passes while nothing can go out.
recurrence-unreadable = "{ $rule }" is not a rule that can be followed. Give an RFC 5545 rule such as FREQ=WEEKLY;BYDAY=MO,TH;COUNT=8, with COUNT or UNTIL but not both; the time of day is that of the first post.
recurrence-too-often = A post can come again once a day at most. Use FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.
recurrence-too-many = That is more than { $most } times. Give a smaller COUNT or an earlier UNTIL.
recurrence-far = That rule goes on for more than two years. Give a smaller COUNT or an earlier UNTIL.
recurrence-never = "{ $rule }" never comes after the first time that you named. Check its days and its end.

slots-unreadable = "{ $given }" cannot be read as posting times. Write days, then times, a line each: mon,wed 09:00 18:30
slots-too-many = That is more than { $most } posting times a week. Take some away.
slots-none = There are no posting times yet, so there is no next free slot. The person sets them on the settings page; until then name a time.
slots-full = Every posting time of the next half year is taken. Name a time, or add posting times on the settings page.

twice-alike = @{ $handle } says nearly the same on { $at } ({ $post }).
twice-link = @{ $handle } shares the same link that day, at { $at }: { $link } ({ $post }).
twice-minute = @{ $handle } has another post in the same minute, { $at } ({ $post }).

limits-wrong-number = Posts a day must be a number from 0 to 1,000.
limits-wrong-hours = Quiet hours are two different times such as 22:00 and 07:00, or both empty.

resume-ask = Ask me about each
resume-skip = Skip them
resume-shift = Move everything later by as long as the pause was
place-held-up = { $count ->
    [one] One post should have gone out during the pause. What about it?
   *[other] { $count } posts should have gone out during the pause. What about them?
}
approval-act-again = Publish once more on { $accounts }, where it is published already
approval-cost-each = { $each } each time, { $all } in all
approval-every = Repeats:
approval-every-all = Every time
delivery-reason-skipped = Its time passed while nothing could go out, so it was skipped.

settings-slots = Posting times
settings-slots-means = Times in a week at which you like to post, in your zone. “Next free slot” takes the first that is free. A line for days and times.
settings-links = Links in posts
settings-links-means = With an account of Google Analytics connected, links in new drafts get tags (utm_source, utm_medium, utm_campaign, utm_content) that say from which network and post a visitor comes. You see them in the draft, they are part of what you approve, and you can change them or take them away. Links that have such tags already stay as they are.
settings-links-tagged = Tag links in new drafts
settings-limits = Limits of standing permissions
settings-limits-means = Past these, you are asked as if there were no permission. Without a number it is 20 posts in 24 hours.
settings-limits-none = Nobody may publish or schedule without asking you, so there is nothing to limit.
settings-limits-posts = Posts in 24 hours
settings-limits-from = Quiet hours from
settings-limits-until = until

settle-half = { $done } of { $of } parts are visible. Send the rest, take down what is out, or leave it?
settle-rest = Send the rest
settle-leave = Leave it
post-again = Publish again
post-again-means = It is out already. You read what would go out once more before anything happens.
delivery-reason-left = You left it as it is.
delivery-reason-person-rest = You had the rest sent.
notice-unapproved-soon = The edited post for @{ $handle } will not go out: it waits for your approval.

post-more-to-come = { $count ->
    [one] One more time to come
   *[other] { $count } more times to come
}

notice-rehearsal = Your posts of the next 24 hours: { $ready } ready, { $needs ->
    [one] 1 needs you
   *[other] { $needs } need you
}.
rehearsal-scope = The account was connected without the permission “{ $scope }”. Connect it again and allow it, or this post cannot go out.
rehearsal-media = A picture or video of this post ({ $id }) cannot be read any more. Attach it again before its time.
rehearsal-allowance = { $network } takes a limited number of posts of @{ $handle } in 24 hours, and those that go out before this one use it up. It may have to wait for the day to pass: move it, or take others out.
