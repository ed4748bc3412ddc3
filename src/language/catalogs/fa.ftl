# جمله‌های tramite به فارسی.
# کلیدها و متغیرها در هر سه پرونده یکسان‌اند؛ آزمونی آن‌ها را مقایسه می‌کند.

## واژه‌های تکی

yes = بله
no = خیر
# مبلغ و واحد پول، با فاصلهٔ نشکن.
money = { $amount }{"\u00A0"}{ $symbol }

## پایان پرونده

outcome-completed = پایان‌یافته
outcome-cancelled = لغوشده

## Mails about tasks

notice-reminder = یادآوری: { $number }، گام { $step }
notice-escalated = برای شما: { $number }، گام { $step }
notice-hello = { $name }،
notice-case = پروندهٔ { $number } ({ $title }) منتظر است:
notice-due = مهلت: { $due }

## سندهای چاپی

draft-mark = پیش‌نویس
copy-original = نسخهٔ اصلی
copy-numbered = رونوشت { $number }
page-of = صفحهٔ { $page } از { $pages }

## آنچه در خانهٔ فرم کم است یا درست نیست

problem-required = این خانه را پر کنید.
problem-not-a-number = این عدد نیست. تنها رقم بنویسید، مانند ۱۲۵۰٫۵۰.
problem-ambiguous-number = روشن نیست که نقطه یا ویرگول نشانهٔ هزارگان است یا اعشار. عدد را بدون جداکنندهٔ هزارگان و با اعشار بنویسید، مانند ۱۵۰۰٫۰۰.
problem-too-many-decimals = { $allowed ->
        [0] عدد صحیح و بدون اعشار بنویسید.
        [one] تنها یک رقم اعشار پذیرفته است.
       *[other] حداکثر { $allowed } رقم اعشار پذیرفته است.
    }
problem-too-many-digits = عدد بیش از اندازه بلند است. حداکثر ۱۵ رقم پذیرفته است.
problem-too-small = کمترین مقدار { $min } است.
problem-too-large = بیشترین مقدار { $max } است.
problem-not-a-date = این تاریخ نیست. روز و ماه و سال را بنویسید، مانند ۲۳/۱۱/۲۰۲۶ میلادی.
problem-not-yes-no = بله یا خیر پاسخ دهید.
problem-not-an-option = یکی از گزینه‌های فهرست را برگزینید.
problem-too-long = متن بیش از اندازه بلند است. حداکثر { $max } نویسه پذیرفته است.
problem-several-lines = همه را در یک سطر بنویسید.
problem-wrong-pattern = شکل آن درست نیست. نمونه: { $sample }
problem-unknown-record = موردی با کلید «{ $key }» نیست. آن را در فهرست بجویید.
problem-too-few-rows = { $min ->
        [one] دست‌کم یک ردیف را پر کنید.
       *[other] دست‌کم { $min } ردیف را پر کنید.
    }
problem-too-many-rows = { $max ->
        [one] تنها یک ردیف پذیرفته است.
       *[other] حداکثر { $max } ردیف پذیرفته است.
    }
problem-not-reckonable = این مقدار حساب نشد: { $reason }
# قاعدهٔ فرم، به بیان سازندهٔ آن.
problem-rule = { $says }
problem-unknown-field = این خانه از آنِ این فرم نیست. صفحه را دوباره باز کنید و از نو بکوشید.

## صفحه‌ها: آنچه موتور می‌گوید وقتی خواسته را انجام نمی‌دهد

rejection-not-your-role = این کار بر عهدهٔ سمت دیگری است: { $role }.
rejection-case-exists = این پرونده پیش‌تر آغاز شده است.
rejection-case-not-running = این پرونده پایان یافته است و چیزی در آن تغییر نمی‌کند.
rejection-task-not-open = این گام پیش‌تر انجام یا برداشته شده است، شاید همین حالا به دست کسی دیگر.
rejection-job-not-open = کار ماشین پیش‌تر انجام یا برداشته شده است، شاید همین حالا.
rejection-too-deep = پرونده‌ها بیش از { $most } سطح یکدیگر را آغاز می‌کنند: احتمالاً روال دور می‌زند.
rejection-too-much-open = در گام { $step } بیش از { $most } شاخه هم‌زمان باز می‌شود. نویسندهٔ روال باید کاری کند که شاخه‌های کمتری با هم آغاز شوند.
rejection-claimed-by-another = این گام در دست { $by } است. اگر انجامش با شماست، از ایشان بخواهید آن را به کارتابل بازگرداند.
rejection-not-claimed = این گام در دست کسی نیست؛ چیزی برای بازگرداندن نیست.
rejection-another-first = اکنون کسی روی مرحلهٔ { $step } کار می‌کند. این مرحله‌ها یکی‌یکی انجام می‌شوند.
rejection-block-not-open = دیگر نمی‌توان چیزی به آن افزود.
rejection-not-open-yet = این گام { $opens_at } باز می‌شود و پیش از آن انجام‌شدنی نیست.
rejection-four-eyes = گام { $step } را خودتان انجام داده‌اید؛ این گام را باید کس دیگری انجام دهد.
rejection-choice-required = برگزینید پرونده چگونه ادامه یابد: { $choices }.
rejection-unknown-choice = «{ $choice }» از گزینه‌ها نیست: { $choices }.
rejection-invalid-submission = { $count ->
        [one] یک مورد باید اصلاح شود.
       *[other] { $count } مورد باید اصلاح شود.
    }
rejection-not-in-hand = سندی که این گام لازم دارد موجود نیست: { $name }.
rejection-not-enough = موجودی کافی نیست: در «{ $account }» از { $name } { $there } هست و { $wanted } خواسته شده است.
rejection-bad-amount = { $amount } از { $name } را نمی‌توان جابه‌جا کرد: مقدار باید بیش از صفر باشد و حداکثر { $decimals } رقم اعشار داشته باشد.
rejection-still-open = پرونده نمی‌تواند پایان یابد: هنوز در راه است: { $open }.
rejection-row-not-loaded = ردیف { $key } از { $register } به‌موقع خوانده نشد. لطفاً دوباره تلاش کنید.
rejection-reason-required = دلیل را بنویسید.
rejection-no-way-on = روال کار نمی‌گوید پس از گام { $step } چه باید کرد: { $reason }. به نویسندهٔ آن خبر دهید؛ اشتباه از شما نیست.

## صفحه‌ها: چارچوب، ورود و خروج

web-skip = رفتن به متن
web-nav = بخش‌ها
web-language = زبان
web-queue = کارتابل من
web-cases = پرونده‌ها
web-sign-in = ورود
web-sign-out = خروج
web-enter = ورود
web-login = نام کاربری
web-password = گذرواژه
web-organisation = سازمان
web-wrong-password = نام کاربری یا گذرواژه درست نیست.
web-session-over = نشست شما پایان یافت. دوباره وارد شوید: آنچه نوشته‌اید سر جایش است.
web-wait-minutes = { $count ->
        [one] تلاش‌ها بیش از اندازه بود. یک دقیقه صبر کنید و دوباره بیازمایید.
       *[other] تلاش‌ها بیش از اندازه بود. { $count } دقیقه صبر کنید و دوباره بیازمایید.
    }
web-nobody-yet = هنوز نه کسی ثبت شده و نه روالی منتشر شده است. مدیر سامانه باید آن‌ها را بیفزاید.
web-demo = نمایشی: افراد و داده‌ها ساختگی‌اند.
web-demo-choose = امروز شما کیستید؟ یکی را برگزینید؛ هر کس کارهای سمت خود را می‌بیند.
web-back = بازگشت
web-search = جست‌وجو
web-clear = پاک کردن صافی‌ها

## صفحه‌ها: خطاها

web-error-not-found = صفحه پیدا نشد
web-error-not-found-words = این نشانی وجود ندارد، یا آنچه می‌جویید از کارهای شما نیست.
web-error-forbidden = پذیرفته نشد
web-error-forbidden-words = این فرم از همین سامانه فرستاده نشده است. صفحه را دوباره باز کنید و از نو بکوشید.
web-error-rejected = انجام نشد
web-error-rejected-words = پرونده اکنون این کار را نمی‌پذیرد.
web-error-too-large = بیش از اندازه بزرگ
web-error-too-large-words = آنچه فرستادید از ۲ مگابایت پذیرفته بیشتر است.
web-error-busy = سامانه سرگرم است
web-error-busy-words = چیزی تغییر نکرد. کمی صبر کنید و دوباره بکوشید.
web-error-unreadable = فرستاده خوانده نشد
web-error-unreadable-words = صفحه را دوباره باز کنید و از نو بکوشید.
web-error-broken = در سامانه خطایی رخ داد
web-error-broken-words = اشتباه از شما نیست و ثبت شد. اگر باز پیش آمد، به مدیر سامانه خبر دهید.

## صفحه‌ها: زمان

web-when-today = امروز ساعت { $time }
web-when-yesterday = دیروز ساعت { $time }
web-when-tomorrow = فردا ساعت { $time }
web-late = دیرشده
web-late-today = مهلت امروز ساعت { $time } گذشت
web-late-yesterday = مهلت دیروز ساعت { $time } گذشت
web-late-days = { $count ->
        [one] یک روز از مهلت گذشته
       *[other] { $count } روز از مهلت گذشته
    }
web-due-today = مهلت: امروز ساعت { $time }
web-due-tomorrow = مهلت: فردا ساعت { $time }
web-due-days = { $count ->
        [one] مهلت: یک روز دیگر
       *[other] مهلت: { $count } روز دیگر
    }
web-due-on = مهلت: { $date }
web-opens = باز شدن: { $when }

## صفحه‌ها: کارتابل و فهرست پرونده‌ها

web-mine = در دست من
web-free = در انتظار انجام
web-claim = برداشتن
web-count = { $count }
web-step = گام
web-step-no = گام { $step }
web-no-subject = هنوز بی‌داده
web-start = آغاز پرونده
web-search-queue = جست‌وجو در کارتابل من
web-search-all = جست‌وجو در همهٔ پرونده‌ها
web-nothing-found = چیزی پیدا نشد
web-nothing-found-words = هیچ کاری در کارتابل شما این شماره یا نام را ندارد.
web-queue-empty = همه چیز انجام شده
web-queue-empty-start = کاری در انتظار سمت‌های شما نیست. با آمدن مشتری، پرونده را در همین صفحه آغاز کنید.
web-queue-empty-wait = کاری در انتظار سمت‌های شما نیست. هرگاه پرونده‌ای به شما برسد، اینجا نمایان می‌شود.
web-more = کارهای بیشتر
web-first-page = بازگشت به آغاز
web-search-part = تا اینجا چیزی نبود
web-search-part-words = پرونده‌های بسیاری این واژه‌ها را دارند و تنها بخشی دیده شد. ادامه دهید، یا حرف‌های بیشتر یا شماره را بنویسید.
web-search-cases = شماره یا نام
web-procedure = روال کار
web-all-procedures = همه
web-status = وضعیت
web-all-statuses = همه
web-status-running = در جریان
web-status-ended = پایان‌یافته
web-status-cancelled = لغوشده
web-case = پرونده
web-stands = جای کنونی
web-started = آغاز
web-older = پرونده‌های پیشین
web-no-cases-words = پرونده‌ای با این ویژگی‌ها نیست.

## صفحه‌ها: یک گام

web-attended = ثبت‌کننده: { $role }
web-errata = { $count ->
        [one] یک یادداشت دربارهٔ متن دستورالعمل
       *[other] { $count } یادداشت دربارهٔ متن دستورالعمل
    }
web-hands-in = دریافتی در این گام
web-needs = سندهایی که باید در دست باشد
web-in-hand = در پرونده هست
web-missing = در پرونده نیست
web-sign-here = در این گام امضا می‌شود
web-will-issue = با انجام این گام صادر می‌شود
web-copies = { $count ->
        [one] ۱ نسخه
       *[other] { $count } نسخه
    }
web-draft = دیدن پیش‌نویس
web-decide = چگونه ادامه یابد؟
web-leads-to = سپس گام { $step }.
web-leads-to-end = پرونده پایان می‌یابد: { $outcome }.
web-leads-to-join = با این کار شاخهٔ «{ $branch }» پایان می‌یابد.
web-and-more = و { $count } مورد دیگر
web-branch = شاخه: { $branch }
web-review = بررسی و محاسبه
web-complete = انجام گام { $step }
web-claim-step = برداشتن این گام
web-release = بازگرداندن به کارتابل
web-to-case = دیدن همهٔ پرونده
web-refused = گام انجام نشد
web-kept = آنچه نوشته‌اید در پایین مانده است.
web-problems = { $count ->
        [one] یک مورد باید اصلاح شود
       *[other] { $count } مورد باید اصلاح شود
    }
web-all-right = همه چیز درست است. می‌توانید گام را انجام دهید.
web-optional = (اختیاری)
web-choose = برگزینید…
web-example = نمونه: { $sample }
web-assigned-later = با انجام گام تعیین می‌شود
web-add-row = افزودن ردیف
web-remove-row = حذف ردیف
web-remove-row-no = حذف ردیف { $row }
web-row = ردیف { $row }
web-row-field = { $table }، ردیف { $row }: { $field }

## صفحه‌ها: یک پرونده

web-done = انجام شد
web-done-step = گام { $step } انجام شد
web-done-start = پرونده آغاز شد
web-done-cancelled = پرونده لغو شد
web-done-issued = { $count ->
        [one] یک سند صادر شد و آمادهٔ چاپ است:
       *[other] { $count } سند صادر شد و آمادهٔ چاپ است:
    }
web-done-ended = پرونده پایان یافت: { $outcome }
web-done-next = سپس گام { $step }، بر عهدهٔ: { $role }
web-go-on = ادامه با گام { $step }
web-to-queue = رفتن به کارتابل من
web-now = جای کنونی
web-open-more = { $count } گام دیگر باز است.
web-open-more-queue = گام‌های سمت‌های شما در کارتابل شماست.
web-since = از { $when }
web-waits-lock = در نوبت برای { $name }
web-lock-holder = در اختیار پروندهٔ { $number } است
web-waits-message = در انتظار پیام { $name }
web-waits-message-of = در انتظار پیام { $name } برای { $key }
web-waits-signal = در انتظار علامت { $name }
web-waits-until = در انتظار تا { $when }
web-suspended = مهلت متوقف است
web-reminded = { $count ->
    [one] یادآوری شد
   *[other] { $count } بار یادآوری شد
}
web-escalated = ارجاع‌شده از { $role }
web-may-happen = در این میان ممکن است رخ دهد
web-open-step = باز کردن گام { $step }
web-started-on = آغاز: { $when }
web-ended-on = پایان: { $when }
web-documents = سندهای صادرشده
web-no-documents = هنوز هیچ.
web-signed = امضاشده
web-papers = مدارک دریافتی
web-data = داده‌ها
web-story = سرگذشت
web-noted = { $count ->
        [one] یک داده ثبت شد
       *[other] { $count } داده ثبت شد
    }
web-data-unasked = داده‌های دیگر
web-items-open = { $count ->
    [0] هیچ‌کدام باز نیست
    [one] یکی باز است
   *[other] { $count } مورد باز است
}
web-items-ended = { $count ->
    [0] هنوز هیچ‌کدام تمام نشده
    [one] یکی تمام شده
   *[other] { $count } مورد تمام شده
}
web-items-add = افزودن یکی دیگر
web-items-close = دیگر موردی نیست
web-cancel-case = لغو پرونده
web-cancel-reason = دلیل لغو
web-cancel-now = لغو برای همیشه
web-journal-started = پروندهٔ { $number } را آغاز کرد
web-journal-offered = به گام { $step } می‌رود: { $role }
web-journal-claimed = گام { $step } را برداشت
web-journal-released = گام { $step } را به کارتابل بازگرداند
web-journal-withdrawn = گام { $step } برداشته شد
web-journal-overdue = مهلت گام { $step } گذشت
web-journal-completed = گام { $step } را انجام داد
web-journal-decided = گام { $step } را انجام داد: { $choice }
web-journal-passed = گام { $step } خودکار گذشت
web-journal-handed-in = دریافت کرد: { $papers }
web-journal-saved = در { $register } ثبت کرد: { $row }
web-journal-moved = جابه‌جایی { $amount } از { $item }: از «{ $from }» به «{ $to }»
web-journal-looked-up = طبق جدول «{ $table }»، ردیف { $rows } ← { $result }
web-journal-looked-up-otherwise = طبق جدول «{ $table }»، بدون ردیف ویژه ← { $result }
web-journal-issued = { $title } { $number } را صادر کرد
web-journal-way = بر پایهٔ داده‌ها: { $label }
web-journal-branches = هم‌زمان آغاز می‌شوند: { $branches }
web-journal-list-opened = فهرست گام { $step } باز شد
web-journal-any-order = به هر ترتیب: { $branches }
web-journal-whatever-first = هر کدام زودتر رخ دهد: { $branches }
web-journal-round = دور { $round }
web-journal-round-ended = دور { $round } پایان یافت
web-journal-no-branch = به هیچ شاخه‌ای از گام { $step } نیازی نبود
web-journal-branch-ended = شاخهٔ «{ $branch }» پایان یافت
web-journal-joined = شاخه‌های گام { $step } به هم رسیدند
web-journal-joined-without = بدون این‌ها ادامه می‌یابد: { $branches }
web-journal-block-withdrawn = شاخه‌های گام { $step } برداشته شدند
web-journal-held = گام { $step } انجام شد و منتظر کارهایی است که در کنارش آغاز شدند
web-journal-parked = مرحلهٔ { $step } منتظر نوبت خود است
web-journal-lock-wanted = در نوبت برای { $name }
web-journal-lock-taken = { $name } در اختیار این پرونده است
web-journal-lock-released = { $name } آزاد شد
web-journal-skipped = از مرحلهٔ { $step } گذشته شد: زمانش سپری شده بود
web-journal-branch-begun = آغاز می‌شود: «{ $branch }»
web-journal-items-closed = در مرحلهٔ { $step } دیگر چیزی افزوده نمی‌شود
web-journal-wait-begun = گام { $step }: { $what }
web-journal-wait-ended = گام { $step }: آنچه انتظارش می‌رفت رسید
web-journal-message-received = پیام { $name } رسید
web-journal-signal-received = علامت { $name } رسید
web-journal-message-sent = پیام { $name } فرستاده شد
web-journal-signal-sent = علامت { $name } داده شد
web-journal-interrupted = گام { $step } برداشته شد: { $what }
web-journal-reminded = یادآوری گام { $step }
web-journal-escalated = گام { $step } به { $role } ارجاع شد
web-journal-suspended = مهلت گام { $step } متوقف شد
web-journal-resumed = مهلت گام { $step } دوباره آغاز شد، تا { $when }
web-journal-branch-taken = زودتر رخ داد: «{ $branch }»
web-journal-signed = { $title } { $number } امضا شد
web-journal-ended = پرونده پایان یافت: { $outcome }
web-journal-cancelled = پرونده را لغو کرد: { $reason }
web-journal-job-created = گام { $step }: { $what }
web-journal-child-started = پروندهٔ { $number } آغاز شد
web-journal-job-completed = ماشین گام { $step } را انجام داد
web-journal-job-failed = نشد: { $reason }
web-journal-error-handled = گام { $step } پس از خطا ادامه می‌یابد: { $reason }
web-journal-job-withdrawn = کار ماشین در گام { $step } برداشته شد
web-journal-incident-raised = گام { $step } خودبه‌خود پیش نمی‌رود
web-journal-incident-resolved = ماشین گام { $step } دوباره تلاش می‌کند
web-machine-send = ایمیل به { $what }
web-machine-call = پرسش از سرویس «{ $what }»
web-machine-work = در انتظار کارگر «{ $what }»
web-machine-case = در انتظار پرونده‌ای از «{ $what }»
web-machine-begins = پرونده‌ای از «{ $what }» آغاز می‌کند
web-begun-by = آغازشده از پروندهٔ
reason-not-waited-for = پروندهٔ { $number } دیگر منتظر آن نیست.
web-machine-works = ماشین در حال کار است
web-machine-stuck = ماشین نمی‌تواند ادامه دهد
web-machine-needs-help = به کسی نیاز دارد
web-machine-again = تلاش دوباره: { $when }
web-machine-retry = تلاش دوباره
web-machine-retry-words = پس از برطرف شدن علت، ماشین می‌تواند با همان داده‌ها دوباره تلاش کند.
web-machine-by-hand = انجام دستی
web-machine-by-hand-words = اگر کسی کار ماشین را دستی انجام داده است، نتیجه را این‌جا بنویسید تا پرونده ادامه یابد.
web-machine-done = دستی انجام شد: ادامه

## صفحه‌ها: آنچه مانده است

web-board = پرونده‌های مانده
web-board-nav = مانده‌ها
web-board-words = گام‌هایی که مهلتشان گذشته، یک هفته در انتظارند یا کسی برای انجامشان نیست. دیرمانده‌ترین‌ها نخست می‌آیند.
web-board-counts = گام‌های باز و دیرشده به تفکیک روال کار
web-board-open = باز: { $count }
web-board-stuck = دیرشده: { $count }
web-board-more-than = بیش از { $count }
web-board-role = بر عهدهٔ
web-board-open-short = باز
web-board-stuck-short = دیرشده
web-board-only = تنها همین روال کار
web-board-all = همهٔ روال‌های کار
web-board-list = گام‌های مانده
web-board-machines = ماشین‌هایی که نمی‌توانند ادامه دهند
web-alone = آنچه خودبه‌خود انجام نشد
web-alone-schedule = قرار بود پرونده‌ای آغاز شود: { $when }.
web-alone-report = قرار بود تهیه شود: { $when }.
web-alone-message = پیام «{ $message }».
web-alone-message-of = پیام «{ $message }» برای { $key }.
web-alone-timer = مهلتی به پایان رسید: { $when }.
web-alone-next = تلاش بعدی: { $when }
web-alone-again = اکنون تلاش شود
web-alone-drop = کنار گذاشتن
web-alone-drop-words = دیگر انجام نخواهد شد.
web-alone-drop-surely = بله، کنار گذاشته شود
web-board-orphan = کسی که بتواند وارد شود سمت { $role } را ندارد: مدیر سامانه باید آن را به کسی بدهد.
web-board-left = در دست { $name } است که دیگر نمی‌تواند وارد شود.
web-board-held = در دست { $name } است.
web-board-unclaimed = کسی آن را برنداشته است.
web-board-waits = بی‌مهلت در انتظار است؛ رسیده { $when }.
web-board-since = رسیده { $when }.
web-board-empty = چیزی نمانده است
web-board-empty-words = مهلت هیچ گام بازی نگذشته و هر کدام کسی را برای انجام دارد.

## گزارش‌ها

report-span = از { $first } تا { $last }
report-made = تهیه‌شده در { $when }
report-page = صفحهٔ
report-empty = در این دوره چیزی نیست
report-archived = { $count ->
   *[other] { $count } پروندهٔ آن زمان بایگانی شده است و آنچه می‌افزود در اینجا نیست.
  }
report-total = جمع
report-count = { $count ->
        [one] یک ردیف
       *[other] { $count } ردیف
    }
web-reports = گزارش‌ها
web-reports-words = فهرست‌هایی از پرونده‌های بسیار، برای دیدن، چاپ یا بردن به اکسل.
web-report-now = چنان که اکنون است
web-report-each-day = روزانه
web-report-each-week = هفتگی
web-report-each-month = ماهانه
web-report-each-year = سالانه
web-report-period = دوره
web-report-before-day = روز پیش
web-report-before-week = هفتهٔ پیش
web-report-before-month = ماه پیش
web-report-before-year = سال پیش
web-report-after-day = روز بعد
web-report-after-week = هفتهٔ بعد
web-report-after-month = ماه بعد
web-report-after-year = سال بعد
web-report-day = تاریخ
web-report-show = نمایش
web-report-first = اینجا { $count } ردیف نخست آمده است؛ پرونده‌های دریافتی همه را دارند
web-report-too-many = این دوره بیش از { $most } ردیف دارد و گزارش بیش از این نمی‌گیرد. دورهٔ کوتاه‌تری برگزینید یا بخواهید گزارش محدودتر شود.
web-report-too-long = روی کاغذ { $most } ردیف جا می‌شود. این دوره را به‌صورت اکسل دریافت کنید.
web-made = گزارش‌هایی که خودبه‌خود تهیه شدند
web-made-on = تهیه‌شده: { $when }
web-made-not = تهیه نشد.
web-made-of-register = چنان‌که آن زمان بود
web-made-none = هنوز چیزی تهیه نشده است.

## موجودی‌ها

web-ledgers = موجودی‌ها
web-ledgers-words = هر حساب چه دارد و چگونه به آن رسیده است. تنها گام‌های پرونده‌ها چیزی را جابه‌جا می‌کنند.
web-ledger-unit = مقدارها به { $unit }
web-ledger-search = جستجو با کد یا شرح
web-ledger-item = شرح
web-ledger-transit = در راه
web-ledger-empty = هنوز چیزی با این نام اینجا جابه‌جا نشده است.
web-ledger-movements = جابه‌جایی‌ها
web-ledger-when = زمان
web-ledger-from-to = از کجا به کجا
web-ledger-amount = مقدار
