# Several posts under one question, and plans from tables.

approval-act-batch = { $count ->
    [one] Schedule 1 post of a plan, { $from }
   *[other] Schedule { $count } posts, from { $from } to { $until }
}
approval-act-batch-now = { $count ->
    [one] Publish 1 post now
   *[other] Publish { $count } posts now
}

batch-exactly = What you leave ticked goes out exactly so, and only if you approve it. What you untick stays a draft.
batch-approve-ticked = Approve what is ticked
batch-approve-all = { $count ->
    [one] Approve this 1 post
   *[other] Approve all { $count }
}
batch-approve-but = Leave some out …
batch-choose-title = Leave some out
batch-choose-label = Numbers to leave out
batch-choose-hint = such as 3, 7-9
batch-choose-submit = Approve the rest
batch-read-first = Not everything can be read here, so you decide on the page.
batch-open = Look through all, untick, edit
batch-tick-all = Tick all
batch-tick-none = Tick none
batch-edit = Edit
batch-renew = Take in the posts as they are now
batch-renew-means = Posts of this plan were edited or withdrawn since you were asked. The question is asked anew with them as they are now.
batch-ready = { $count ->
    [one] 1 post can go out as it was asked for.
   *[other] { $count } posts can go out as they were asked for.
}
batch-more = { $count ->
    [one] … and 1 more, on the page.
   *[other] … and { $count } more, on the page.
}
batch-warnings = { $count ->
    [one] 1 thing to know
   *[other] { $count } things to know
}
batch-result = Scheduled: { $scheduled }. Left out: { $left }. Not possible: { $refused }.
batch-item-scheduled = Scheduled.
batch-item-left = Left out. It is still a draft.
batch-item-edited = It was edited after this question was asked, so it is not part of it. Ask about it anew as it is now, or schedule it by itself.
batch-item-withdrawn = It was withdrawn, so it is not part of this question any more.
batch-item-asked-anew = A newer question asks about this post; answer that one.
batch-item-changed = It changed just now, so it was not scheduled. Schedule it again.
batch-nothing-chosen = Nothing is ticked, so there is nothing to approve. Tick at least one post, or say no.
batch-number-wrong = “{ $given }” is no number of the list. Numbers from 1 to { $max } are allowed, also as 3, 7-9.
batch-empty = There is no post in this plan.
batch-too-many = { $count } posts are too many for one question; at most { $max } are allowed. Ask about them in parts.
batch-too-many-deliveries = These posts would go out { $count } times in all; at most { $max } are allowed under one question. Ask about them in parts.
batch-post-twice = The post { $id } is in the plan twice. Each post can be there once.

sheet-too-large = The table is larger than { $max } MiB. Split it into several.
sheet-encoding = This is no table that can be read here. Save it as CSV in UTF-8 (in Excel: “CSV UTF-8”); Shift_JIS works, too.
sheet-no-rows = There is no row in this table. The first row names the columns, each row below it is a post.
sheet-too-many-rows = The table has more than { $max } posts. Split it into several.
sheet-too-many-columns = The table has more than { $max } columns. Take some out.
sheet-too-many-media = The table names more than { $max } pictures and videos by their address. Split it into several.
sheet-media-late = It could not be fetched in time: all files of a table have an hour. Attach it by itself, or take it out.
sheet-column-twice = The column “{ $column }” is there twice, or under two names. Keep one.
sheet-no-text-column = No column holds the texts. Call it “text”, or “x” for texts for X alone, in the first row.
sheet-no-time-column = No column holds the times. Call them “date” and “time”, or both in one “at”, in the first row.
sheet-row-cells = It has { $cells } cells, but there are { $columns } columns. A text with a comma must stand in quotes.
sheet-row-no-text = It has no text. Write one.
sheet-row-no-time = It has no day. Give a day and a time, such as 2026-12-01 09:00 or “next Tue 9am”.
sheet-row-two-times = It gives a time in two places. Use either one column for both, or one for the day and one for the time.
sheet-row-no-account = No account of { $network } is connected, but it has a text for it. Connect one, or empty that cell.
sheet-row-media = “{ $given }” is neither an https address nor an id of a picture or video. Write one of these, or empty the cell.

plan-title = Plan from a table
plan-lead = A table (CSV) with a row for each post becomes drafts and one question. Nothing goes out before you approve it.
plan-columns = Columns: date and time (or both in “at”, also in words), text (or a column for a network, such as “x”), accounts, zone, media (an https address), alt. Times without a zone are meant in yours: { $zone }.
plan-limits = At most { $rows } posts and { $size } MiB; UTF-8 or Shift_JIS; commas, semicolons or tabs.
plan-template = Download a template
plan-file = Table (CSV)
plan-paste = Or paste it here
plan-skip = Leave out rows with mistakes and take the others
plan-send = Check and ask me
plan-nothing = Choose a file or paste a table.
plan-faults = { $count ->
    [one] 1 row cannot be used. Nothing was made; mend it and bring the table again.
   *[other] { $count } rows cannot be used. Nothing was made; mend them and bring the table again.
}
plan-faults-skipped = { $count ->
    [one] 1 row was left out:
   *[other] { $count } rows were left out:
}
plan-row = Row { $no }: { $why }
plan-rows-more = { $count ->
    [one] … and 1 more row
   *[other] … and { $count } more rows
}
plan-ignored = Columns that are not read: { $columns }
plan-made = { $count ->
    [one] 1 draft was made of { $name }. Nothing is scheduled yet; look at it and decide:
   *[other] { $count } drafts were made of { $name }. Nothing is scheduled yet; look at them and decide:
}
plan-page-made = { $count ->
    [one] 1 draft was made.
   *[other] { $count } drafts were made.
}
plan-link = Plan from a table (CSV)
deed-plan-import = came with a plan

edit-title = Edit
edit-text = Text for { $account }
edit-part = Part { $no }
edit-when = When
edit-when-hint = 2026-12-01 09:00, or in words
edit-save = Save
edit-back = Back without a change

chat-batch-question = Yes, no, or the numbers to leave out (3, 7-9)? [yes/no/numbers]
chat-batch-left = Left out: { $numbers }. A number once more takes it in again.
chat-plan-missing = There is no file { $path } that can be read.
batch-item-not-chosen = { $network } wants each post chosen by itself, with who sees it and what is disclosed, so a yes to all of them did not count for this one. It is a draft still: ask for it again, and tick it on the page.
batch-choose-each = { $network } wants this post chosen by itself: read who sees it and what is disclosed, then tick it.
batch-choose-alone = Posts { $numbers } are for a network that wants each one chosen by itself. They are left out until you type their numbers.
