# The sentences of tramite in English; other languages fall back to these.
# Keys and variables are the same in all three files; a test compares them.

## Single words

yes = Yes
no = No
# An amount with its currency, joined by a space that does not break.
money = { $symbol }{"\u00A0"}{ $amount }

## How a case ends

outcome-completed = Completed
outcome-cancelled = Cancelled

## Mails about tasks

notice-reminder = Reminder: { $number }, step { $step }
notice-escalated = For you: { $number }, step { $step }
notice-hello = { $name },
notice-case = Case { $number } ({ $title }) waits:
notice-due = Due: { $due }

## Printed documents

draft-mark = DRAFT
copy-original = Original
copy-numbered = Copy { $number }
page-of = Page { $page } of { $pages }

## What is missing or wrong in a field of a form

problem-required = Please fill in this field.
problem-not-a-number = This is not a number. Use digits only, for example 1250.50.
problem-ambiguous-number = It is not clear whether the point or comma marks thousands or decimals. Write the number without marking thousands and with its decimals, for example 1500.00.
problem-too-many-decimals = { $allowed ->
        [0] Please give a whole number, without decimals.
        [one] Only one decimal is allowed.
       *[other] At most { $allowed } decimals are allowed.
    }
problem-too-many-digits = The number is too long. At most 15 digits are allowed.
problem-too-small = The smallest value is { $min }.
problem-too-large = The largest value is { $max }.
problem-not-a-date = This is not a date. Give day, month and year, for example 23/11/2026.
problem-not-yes-no = Please answer yes or no.
problem-not-an-option = Please choose one of the options in the list.
problem-too-long = The text is too long. At most { $max } characters are allowed.
problem-several-lines = Please write everything on one line.
problem-wrong-pattern = This does not have the expected form. Example: { $sample }
problem-unknown-record = There is no entry with the key “{ $key }”. Please look it up in the list.
problem-too-few-rows = { $min ->
        [one] Please fill in at least one row.
       *[other] Please fill in at least { $min } rows.
    }
problem-too-many-rows = { $max ->
        [one] Only one row is allowed.
       *[other] At most { $max } rows are allowed.
    }
problem-not-reckonable = This value could not be calculated: { $reason }
# The form's rule, in its owner's words.
problem-rule = { $says }
problem-unknown-field = This field does not belong to the form. Please open the page again and retry.

## Screens: what the engine says when it does not do what was asked

rejection-not-your-role = This belongs to another role: { $role }.
rejection-case-exists = This case has already been started.
rejection-case-not-running = This case is over; nothing in it can be changed any more.
rejection-task-not-open = This step has already been completed or withdrawn, perhaps a moment ago by somebody else.
rejection-job-not-open = The machine's work has already been done or withdrawn, perhaps a moment ago.
rejection-too-deep = Cases begin each other more than { $most } deep: the procedure probably goes round in a circle.
rejection-too-much-open = Too much would be open at once at step { $step }: more than { $most } branches. Whoever wrote the procedure must let fewer begin together.
rejection-claimed-by-another = { $by } holds this step. Ask them to give it back to the queue if it is yours to do.
rejection-not-claimed = Nobody holds this step; there is nothing to give back.
rejection-another-first = Somebody works on step { $step } now. These steps are done one at a time.
rejection-block-not-open = Nothing can be added there any more.
rejection-not-open-yet = This step opens { $opens_at }. It cannot be completed before.
rejection-four-eyes = You did step { $step } yourself; somebody else must do this one.
rejection-choice-required = Choose how the case goes on: { $choices }.
rejection-unknown-choice = “{ $choice }” is not one of the choices: { $choices }.
rejection-invalid-submission = { $count ->
        [one] One entry needs correcting.
       *[other] { $count } entries need correcting.
    }
rejection-not-in-hand = A document that this step needs is missing: { $name }.
rejection-not-enough = There is not enough: “{ $account }” has { $there } of { $name }, and { $wanted } are wanted.
rejection-bad-amount = { $amount } of { $name } cannot be moved: the amount must be more than zero and have at most { $decimals } decimals.
rejection-still-open = The case cannot end: still on the way are { $open }.
rejection-row-not-loaded = The row { $key } of { $register } could not be looked up in time. Please try again.
rejection-reason-required = Please give the reason.
rejection-no-way-on = The procedure does not say how to go on after step { $step }: { $reason }. Please tell its author; it is no mistake of yours.

## Screens: frame, signing in and out

web-skip = Skip to content
web-nav = Sections
web-language = Language
web-queue = My queue
web-cases = Cases
web-sign-in = Sign in
web-sign-out = Sign out
web-enter = Sign in
web-login = User name
web-password = Password
web-organisation = Organisation
web-wrong-password = The user name or the password is not right.
web-session-over = Your session has ended. Sign in again: what you typed is waiting for you.
web-wait-minutes = { $count ->
        [one] Too many attempts. Wait a minute and try again.
       *[other] Too many attempts. Wait { $count } minutes and try again.
    }
web-nobody-yet = There are no people and no published procedures yet. Whoever runs the system must add them.
web-demo = Demonstration: invented people and data.
web-demo-choose = Who are you today? Choose a person; each sees the tasks of their roles.
web-back = Go back
web-search = Search
web-clear = Clear filters

## Screens: errors

web-error-not-found = Page not found
web-error-not-found-words = The address does not exist, or what you look for is not among your tasks.
web-error-forbidden = Not accepted
web-error-forbidden-words = The form did not come from this site. Open the page again and retry.
web-error-rejected = That could not be done
web-error-rejected-words = The case does not allow this now.
web-error-too-large = Too large
web-error-too-large-words = What was sent is larger than the 2 MB that are accepted.
web-error-busy = The system is busy
web-error-busy-words = Nothing was changed. Wait a moment and try again.
web-error-unreadable = That could not be understood
web-error-unreadable-words = Open the page again and retry.
web-error-broken = Something failed in the system
web-error-broken-words = It is no mistake of yours, and it has been noted. If it happens again, tell whoever runs the system.

## Screens: time

web-when-today = today at { $time }
web-when-yesterday = yesterday at { $time }
web-when-tomorrow = tomorrow at { $time }
web-late = Overdue
web-late-today = Was due today at { $time }
web-late-yesterday = Was due yesterday at { $time }
web-late-days = { $count ->
        [one] Overdue for one day
       *[other] Overdue for { $count } days
    }
web-due-today = Due today at { $time }
web-due-tomorrow = Due tomorrow at { $time }
web-due-days = { $count ->
        [one] Due in one day
       *[other] Due in { $count } days
    }
web-due-on = Due on { $date }
web-opens = Opens { $when }

## Screens: queue and list of cases

web-mine = In my hands
web-free = To be done
web-claim = Take
web-count = { $count }
web-step = Step
web-step-no = Step { $step }
web-no-subject = No data yet
web-start = Start a case
web-search-queue = Search my queue
web-search-all = Search all cases
web-nothing-found = Nothing found
web-nothing-found-words = No task in your queue has that number or name.
web-queue-empty = All done
web-queue-empty-start = No task waits for your roles. When a customer comes, start a case on this page.
web-queue-empty-wait = No task waits for your roles. Tasks appear here when a case reaches you.
web-more = More tasks
web-first-page = Back to the beginning
web-search-part = Nothing so far
web-search-part-words = Very many cases have these words, and only some have been looked at. Go on, or type more letters or the number.
web-search-cases = Number or name
web-procedure = Procedure
web-all-procedures = All
web-status = Status
web-all-statuses = All
web-status-running = Running
web-status-ended = Ended
web-status-cancelled = Cancelled
web-case = Case
web-stands = Where it stands
web-started = Started
web-older = Older cases
web-no-cases-words = No case fits what you asked for.

## Screens: a step

web-attended = Recorded by: { $role }
web-errata = { $count ->
        [one] A note on the manual’s text
       *[other] { $count } notes on the manual’s text
    }
web-hands-in = Received at this step
web-needs = Documents you need in hand
web-in-hand = In the file
web-missing = Missing from the file
web-sign-here = Signed at this step
web-will-issue = Issued on completion
web-copies = { $count ->
        [one] 1 copy
       *[other] { $count } copies
    }
web-draft = View draft
web-decide = How does it go on?
web-leads-to = Step { $step } follows.
web-leads-to-end = The case ends: { $outcome }.
web-leads-to-join = This ends the branch “{ $branch }”.
web-and-more = and { $count } more
web-branch = Branch: { $branch }
web-review = Check and calculate
web-complete = Complete step { $step }
web-claim-step = Take this step
web-release = Give back to the queue
web-to-case = See the whole case
web-refused = The step was not completed
web-kept = What you typed is still below.
web-problems = { $count ->
        [one] One entry needs correcting
       *[other] { $count } entries need correcting
    }
web-all-right = All is in order. You can complete the step.
web-optional = (optional)
web-choose = Choose…
web-example = Example: { $sample }
web-assigned-later = Assigned when the step is completed
web-add-row = Add row
web-remove-row = Remove row
web-remove-row-no = Remove row { $row }
web-row = Row { $row }
web-row-field = { $table }, row { $row }: { $field }

## Screens: a case

web-done = Done
web-done-step = Step { $step } completed
web-done-start = Case started
web-done-cancelled = Case cancelled
web-done-issued = { $count ->
        [one] One document was issued, ready to print:
       *[other] { $count } documents were issued, ready to print:
    }
web-done-ended = The case has ended: { $outcome }
web-done-next = Step { $step } follows, by: { $role }
web-go-on = Go on with step { $step }
web-to-queue = Go to my queue
web-now = Where it stands now
web-open-more = { $count } more steps are open.
web-open-more-queue = Those of your roles are in your queue.
web-since = Since { $when }
web-waits-lock = Waits in line for { $name }
web-lock-holder = Case { $number } has it
web-waits-message = Waits for the message { $name }
web-waits-message-of = Waits for the message { $name } of { $key }
web-waits-signal = Waits for the signal { $name }
web-waits-until = Waits until { $when }
web-suspended = The term stands still
web-reminded = { $count ->
    [one] Reminded
   *[other] Reminded { $count } times
}
web-escalated = Went up from { $role }
web-may-happen = Meanwhile may happen
web-open-step = Open step { $step }
web-started-on = Started { $when }
web-ended-on = Ended { $when }
web-documents = Issued documents
web-no-documents = None yet.
web-signed = Signed
web-papers = Papers received
web-data = Data
web-story = Story
web-noted = { $count ->
        [one] One entry noted
       *[other] { $count } entries noted
    }
web-data-unasked = Other data
web-items-open = { $count ->
    [0] None is open
    [one] One is open
   *[other] { $count } are open
}
web-items-ended = { $count ->
    [0] none is done yet
    [one] one is done
   *[other] { $count } are done
}
web-items-add = Add one more
web-items-close = There are no more
web-cancel-case = Cancel the case
web-cancel-reason = Reason for cancelling
web-cancel-now = Cancel for good
web-journal-started = Started case { $number }
web-journal-offered = Goes to step { $step }: { $role }
web-journal-claimed = Took step { $step }
web-journal-released = Gave step { $step } back to the queue
web-journal-withdrawn = Step { $step } was withdrawn
web-journal-overdue = Step { $step } became overdue
web-journal-completed = Completed step { $step }
web-journal-decided = Completed step { $step }: { $choice }
web-journal-passed = Step { $step } ran by itself
web-journal-handed-in = Received: { $papers }
web-journal-saved = Saved in { $register }: { $row }
web-journal-moved = Moved { $amount } of { $item }: from “{ $from }” to “{ $to }”
web-journal-looked-up = By the table “{ $table }”, row { $rows } → { $result }
web-journal-looked-up-otherwise = By the table “{ $table }”, no row of its own → { $result }
web-journal-issued = Issued { $title } { $number }
web-journal-way = By the data: { $label }
web-journal-branches = Begin at once: { $branches }
web-journal-list-opened = The list of step { $step } was opened
web-journal-any-order = In any order: { $branches }
web-journal-whatever-first = Whatever comes first: { $branches }
web-journal-round = Round { $round }
web-journal-round-ended = Round { $round } is done
web-journal-no-branch = Nothing of step { $step } was needed
web-journal-branch-ended = Branch “{ $branch }” is done
web-journal-joined = The branches of step { $step } are joined
web-journal-joined-without = Goes on without: { $branches }
web-journal-block-withdrawn = The branches of step { $step } were withdrawn
web-journal-held = Step { $step } is done and waits for what began beside it
web-journal-parked = Step { $step } waits for its turn
web-journal-lock-wanted = In line for { $name }
web-journal-lock-taken = { $name } is this case's now
web-journal-lock-released = { $name } given back
web-journal-skipped = Step { $step } was passed over: its time had gone
web-journal-branch-begun = Begins: “{ $branch }”
web-journal-items-closed = Nothing more is added at step { $step }
web-journal-wait-begun = Step { $step }: { $what }
web-journal-wait-ended = Step { $step }: it has come
web-journal-message-received = The message { $name } has come
web-journal-signal-received = The signal { $name } has come
web-journal-message-sent = Sent the message { $name }
web-journal-signal-sent = Gave the signal { $name }
web-journal-interrupted = Step { $step } was taken away: { $what }
web-journal-reminded = Reminder of step { $step }
web-journal-escalated = Step { $step } went up to { $role }
web-journal-suspended = The term of step { $step } stands still
web-journal-resumed = The term of step { $step } runs again, until { $when }
web-journal-branch-taken = Came first: “{ $branch }”
web-journal-signed = { $title } { $number } was signed
web-journal-ended = The case ended: { $outcome }
web-journal-cancelled = Cancelled the case: { $reason }
web-journal-job-created = Step { $step }: { $what }
web-journal-child-started = Case { $number } has begun
web-journal-job-completed = The machine has done step { $step }
web-journal-job-failed = It did not work: { $reason }
web-journal-error-handled = Step { $step } leads on after an error: { $reason }
web-journal-job-withdrawn = The machine's work of step { $step } was withdrawn
web-journal-incident-raised = Step { $step } can't go on by itself
web-journal-incident-resolved = The machine of step { $step } tries again
web-machine-send = Mail to { $what }
web-machine-call = Asks the service “{ $what }”
web-machine-work = Waits for the worker “{ $what }”
web-machine-case = Waits for a case of “{ $what }”
web-machine-begins = Begins a case of “{ $what }”
web-begun-by = Begun by the case
reason-not-waited-for = The case { $number } no longer waits for it.
web-machine-works = A machine is at work
web-machine-stuck = A machine can't go on
web-machine-needs-help = Needs somebody
web-machine-again = Tries again { $when }
web-machine-retry = Try again
web-machine-retry-words = Once the cause has been removed, the machine can try again with the same data.
web-machine-by-hand = Do it by hand
web-machine-by-hand-words = If somebody did the machine's work by hand, write down here what came of it, and the case goes on.
web-machine-done = Done by hand: go on

## Screens: what is stuck

web-board = What is stuck
web-board-nav = Stuck
web-board-words = Open steps past their term, waiting for a week, or with nobody to do them. The longest stuck come first.
web-board-counts = Open and late steps by procedure
web-board-open = Open: { $count }
web-board-stuck = Late: { $count }
web-board-more-than = { $count }+
web-board-role = By
web-board-open-short = Open
web-board-stuck-short = Late
web-board-only = Show only this procedure
web-board-all = Show all procedures
web-board-list = Stuck steps
web-board-machines = Machines that can't go on
web-alone = What did not come by itself
web-alone-schedule = A case was to begin: { $when }.
web-alone-report = Was to be made: { $when }.
web-alone-message = Message “{ $message }”.
web-alone-message-of = Message “{ $message }” for { $key }.
web-alone-timer = A term has ended: { $when }.
web-alone-next = next try: { $when }
web-alone-again = Try now
web-alone-drop = Drop
web-alone-drop-words = It does not come any more.
web-alone-drop-surely = Drop it
web-board-orphan = Nobody who can sign in holds the role { $role }: whoever administers the system gives it to somebody.
web-board-left = { $name } has it and can no longer sign in.
web-board-held = { $name } has it.
web-board-unclaimed = Nobody has taken it.
web-board-waits = Waiting since { $when }, without a term.
web-board-since = Offered { $when }.
web-board-empty = Nothing is stuck
web-board-empty-words = No open step is past its term, and each has somebody who can do it.

## Reports

report-span = { $first } to { $last }
report-made = Made on { $when }
report-page = Page
report-empty = There is nothing in this period
report-archived = { $count ->
    [one] One case of that time has been archived; what it would add is not in here.
   *[other] { $count } cases of that time have been archived; what they would add is not in here.
  }
report-total = Total
report-count = { $count ->
        [one] One row
       *[other] { $count } rows
    }
web-reports = Reports
web-reports-words = Lists over many cases, to look at, to print or to take into Excel.
web-report-now = As it is now
web-report-each-day = Of each day
web-report-each-week = Of each week
web-report-each-month = Of each month
web-report-each-year = Of each year
web-report-period = Period
web-report-before-day = The day before
web-report-before-week = The week before
web-report-before-month = The month before
web-report-before-year = The year before
web-report-after-day = The day after
web-report-after-week = The week after
web-report-after-month = The month after
web-report-after-year = The year after
web-report-day = Day
web-report-show = Show
web-report-first = here are the first { $count }; the files have all of them
web-report-too-many = This period has more than { $most } rows, and a report has no more. Choose a shorter period, or have the report narrowed.
web-report-too-long = Paper holds { $most } rows. Download this period as an Excel file.
web-made = Made by itself
web-made-on = Made: { $when }
web-made-not = It could not be made.
web-made-of-register = As it stood then
web-made-none = Nothing has been made yet.

## Balances

web-ledgers = Balances
web-ledgers-words = What each account holds and how it came there. Only the steps of a case move anything.
web-ledger-unit = Amounts in { $unit }
web-ledger-search = Search by code or description
web-ledger-item = Description
web-ledger-transit = on its way
web-ledger-empty = Nothing of that name has been moved here yet.
web-ledger-movements = Movements
web-ledger-when = When
web-ledger-from-to = From where to where
web-ledger-amount = Amount
