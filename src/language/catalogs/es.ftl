# Las frases de tramite en español de Bolivia. Al usuario se le trata de usted.
# Las claves y variables son las mismas en los tres archivos; una prueba las compara.

## Palabras sueltas

yes = Sí
no = No
# Un importe con su moneda, unidos por un espacio que no se parte.
money = { $symbol }{"\u00A0"}{ $amount }

## Cómo termina un trámite

outcome-completed = Concluido
outcome-cancelled = Anulado

## Mails about tasks

notice-reminder = Recordatorio: { $number }, paso { $step }
notice-escalated = Para usted: { $number }, paso { $step }
notice-hello = { $name }:
notice-case = El trámite { $number } ({ $title }) espera:
notice-due = Plazo: { $due }

## Documentos impresos

draft-mark = BORRADOR
copy-original = Original
copy-numbered = Copia { $number }
page-of = Página { $page } de { $pages }

## Lo que falta o no está bien en un campo de un formulario

problem-required = Falta llenar este campo.
problem-not-a-number = Esto no es un número. Escriba solo cifras, por ejemplo 1250,50.
problem-ambiguous-number = No queda claro si el punto o la coma separa miles o decimales. Escriba el número sin separar los miles y con sus decimales, por ejemplo 1500,00.
problem-too-many-decimals = { $allowed ->
        [0] Escriba un número entero, sin decimales.
        [one] Se admite un solo decimal.
       *[other] Se admiten hasta { $allowed } decimales.
    }
problem-too-many-digits = El número es demasiado largo. Se admiten hasta 15 cifras.
problem-too-small = El valor mínimo es { $min }.
problem-too-large = El valor máximo es { $max }.
problem-not-a-date = Esto no es una fecha. Escriba día, mes y año, por ejemplo 23/11/2026.
problem-not-yes-no = Responda sí o no.
problem-not-an-option = Elija una de las opciones de la lista.
problem-too-long = El texto es demasiado largo. Se admiten hasta { $max } caracteres.
problem-several-lines = Escriba todo en una sola línea.
problem-wrong-pattern = No tiene la forma esperada. Ejemplo: { $sample }
problem-unknown-record = No hay ningún registro con la clave «{ $key }». Búsquelo en la lista.
problem-too-few-rows = { $min ->
        [one] Llene al menos una fila.
       *[other] Llene al menos { $min } filas.
    }
problem-too-many-rows = { $max ->
        [one] Se admite una sola fila.
       *[other] Se admiten hasta { $max } filas.
    }
problem-not-reckonable = No se pudo calcular este valor: { $reason }
# La regla del formulario, en palabras de quien lo hizo.
problem-rule = { $says }
problem-unknown-field = Este campo no pertenece al formulario. Vuelva a abrir la página e intente de nuevo.

## Pantallas: lo que dice el motor cuando no hace lo pedido

rejection-not-your-role = Esto le corresponde a otro cargo: { $role }.
rejection-case-exists = Este trámite ya fue iniciado.
rejection-case-not-running = Este trámite ya terminó; no se puede cambiar nada en él.
rejection-task-not-open = Este paso ya fue completado o retirado, quizá hace un momento por otra persona.
rejection-job-not-open = El trabajo de la máquina ya fue hecho o retirado, quizá hace un momento.
rejection-too-deep = Los trámites se inician unos a otros a más de { $most } niveles: probablemente el procedimiento da vueltas.
rejection-too-much-open = En el paso { $step } quedaría demasiado abierto a la vez: más de { $most } ramas. Quien escribió el procedimiento debe hacer que empiecen menos juntas.
rejection-claimed-by-another = Este paso lo tiene { $by }. Pídale que lo devuelva a la bandeja si usted debe hacerlo.
rejection-not-claimed = Nadie tiene este paso; no hay nada que devolver.
rejection-another-first = Alguien trabaja ahora en el paso { $step }. Estos pasos se hacen de uno en uno.
rejection-block-not-open = Ya no se puede agregar nada allí.
rejection-not-open-yet = Este paso se abre { $opens_at }. Hasta entonces no se puede completar.
rejection-four-eyes = El paso { $step } lo hizo usted; este debe hacerlo otra persona.
rejection-choice-required = Elija cómo sigue el trámite: { $choices }.
rejection-unknown-choice = «{ $choice }» no es una de las opciones: { $choices }.
rejection-invalid-submission = { $count ->
        [one] Hay un dato por corregir.
       *[other] Hay { $count } datos por corregir.
    }
rejection-not-in-hand = Falta un documento que este paso necesita: { $name }.
rejection-not-enough = No alcanza: en «{ $account }» hay { $there } de { $name }, y se piden { $wanted }.
rejection-bad-amount = No se puede mover { $amount } de { $name }: la cantidad debe ser mayor que cero y tener a lo sumo { $decimals } decimales.
rejection-still-open = El trámite no puede terminar: todavía queda por devolver o instalar { $open }.
rejection-row-not-loaded = No se pudo leer a tiempo el registro { $key } de { $register }. Intente de nuevo.
rejection-reason-required = Anote el motivo.
rejection-no-way-on = El procedimiento no dice cómo seguir después del paso { $step }: { $reason }. Avise a quien lo redactó; no es un error suyo.

## Pantallas: marco, entrada y salida

web-skip = Ir al contenido
web-nav = Secciones
web-language = Idioma
web-queue = Mi bandeja
web-cases = Trámites
web-sign-in = Ingresar
web-sign-out = Salir
web-enter = Ingresar
web-login = Usuario
web-password = Contraseña
web-organisation = Institución
web-wrong-password = El usuario o la contraseña no son correctos.
web-session-over = Su sesión terminó. Ingrese de nuevo: lo que escribió lo espera.
web-wait-minutes = { $count ->
        [one] Demasiados intentos. Espere un minuto y pruebe otra vez.
       *[other] Demasiados intentos. Espere { $count } minutos y pruebe otra vez.
    }
web-nobody-yet = Todavía no hay personas registradas ni procedimientos publicados. Quien administra el sistema debe agregarlos.
web-demo = Demostración: personas y datos inventados.
web-demo-choose = ¿Quién es usted hoy? Elija una persona; cada una ve las tareas de sus cargos.
web-back = Volver
web-search = Buscar
web-clear = Quitar filtros

## Pantallas: errores

web-error-not-found = No se encontró la página
web-error-not-found-words = La dirección no existe, o lo que busca no está entre sus tareas.
web-error-forbidden = Envío rechazado
web-error-forbidden-words = El formulario no vino de esta página. Ábrala de nuevo e intente otra vez.
web-error-rejected = No se pudo hacer
web-error-rejected-words = El trámite no permite esto ahora.
web-error-too-large = Demasiado grande
web-error-too-large-words = Lo enviado supera los 2 MB que se admiten.
web-error-busy = El sistema está ocupado
web-error-busy-words = No se hizo ningún cambio. Espere un momento e intente de nuevo.
web-error-unreadable = No se entendió lo enviado
web-error-unreadable-words = Abra la página de nuevo e intente otra vez.
web-error-broken = Algo falló en el sistema
web-error-broken-words = No es un error suyo y quedó anotado. Si se repite, avise a quien administra el sistema.

## Pantallas: tiempo

web-when-today = hoy a las { $time }
web-when-yesterday = ayer a las { $time }
web-when-tomorrow = mañana a las { $time }
web-late = Vencida
web-late-today = Venció hoy a las { $time }
web-late-yesterday = Venció ayer a las { $time }
web-late-days = { $count ->
        [one] Vencida hace un día
       *[other] Vencida hace { $count } días
    }
web-due-today = Vence hoy a las { $time }
web-due-tomorrow = Vence mañana a las { $time }
web-due-days = { $count ->
        [one] Vence en un día
       *[other] Vence en { $count } días
    }
web-due-on = Vence el { $date }
web-opens = Se abre { $when }

## Pantallas: bandeja y lista de trámites

web-mine = En mis manos
web-free = Por hacer
web-claim = Tomar
web-count = { $count }
web-step = Paso
web-step-no = Paso { $step }
web-no-subject = Sin datos todavía
web-start = Iniciar un trámite
web-search-queue = Buscar en mi bandeja
web-search-all = Buscar en todos los trámites
web-nothing-found = No se encontró nada
web-nothing-found-words = Ninguna tarea de su bandeja tiene ese número ni ese nombre.
web-queue-empty = Todo al día
web-queue-empty-start = No hay tareas pendientes para sus cargos. Cuando llegue un cliente, inicie un trámite en esta misma página.
web-queue-empty-wait = No hay tareas pendientes para sus cargos. Aparecerán aquí cuando un trámite llegue a usted.
web-more = Ver más tareas
web-first-page = Volver al comienzo
web-search-part = Nada hasta aquí
web-search-part-words = Muchísimos trámites tienen estas palabras y solo se miró una parte. Siga buscando, o escriba más letras o el número.
web-search-cases = Número o nombre
web-procedure = Procedimiento
web-all-procedures = Todos
web-status = Estado
web-all-statuses = Todos
web-status-running = En curso
web-status-ended = Terminado
web-status-cancelled = Anulado
web-case = Trámite
web-stands = Dónde está
web-started = Iniciado
web-older = Ver trámites anteriores
web-no-cases-words = No hay trámites que cumplan lo pedido.

## Pantallas: un paso

web-attended = Lo registra: { $role }
web-errata = { $count ->
        [one] Una nota sobre el texto del manual
       *[other] { $count } notas sobre el texto del manual
    }
web-hands-in = Se recibe en este paso
web-needs = Documentos que necesita a mano
web-in-hand = Está en el expediente
web-missing = Falta en el expediente
web-sign-here = Se firma en este paso
web-will-issue = Al completar se emite
web-copies = { $count ->
        [one] 1 ejemplar
       *[other] { $count } ejemplares
    }
web-draft = Ver borrador
web-decide = ¿Cómo sigue?
web-leads-to = Sigue el paso { $step }.
web-leads-to-end = El trámite termina: { $outcome }.
web-leads-to-join = Con esto termina la rama «{ $branch }».
web-and-more = y { $count } más
web-branch = Rama: { $branch }
web-review = Revisar y calcular
web-complete = Completar el paso { $step }
web-claim-step = Tomar este paso
web-release = Devolver a la bandeja
web-to-case = Ver todo el trámite
web-refused = No se completó el paso
web-kept = Lo que escribió sigue aquí abajo.
web-problems = { $count ->
        [one] Hay un dato por corregir
       *[other] Hay { $count } datos por corregir
    }
web-all-right = Todo está en orden. Ya puede completar el paso.
web-optional = (opcional)
web-choose = Elija…
web-example = Ejemplo: { $sample }
web-assigned-later = Se asigna al completar el paso
web-add-row = Agregar fila
web-remove-row = Quitar fila
web-remove-row-no = Quitar la fila { $row }
web-row = Fila { $row }
web-row-field = { $table }, fila { $row }: { $field }

## Pantallas: un trámite

web-done = Hecho
web-done-step = Paso { $step } completado
web-done-start = Trámite iniciado
web-done-cancelled = Trámite anulado
web-done-issued = { $count ->
        [one] Se emitió un documento, listo para imprimir:
       *[other] Se emitieron { $count } documentos, listos para imprimir:
    }
web-done-ended = El trámite terminó: { $outcome }
web-done-next = Sigue el paso { $step }, a cargo de: { $role }
web-go-on = Seguir con el paso { $step }
web-to-queue = Ir a mi bandeja
web-now = Dónde está ahora
web-open-more = Hay { $count } pasos abiertos más.
web-open-more-queue = Los de sus cargos están en su bandeja.
web-since = Desde { $when }
web-waits-lock = Espera su turno para { $name }
web-lock-holder = Lo tiene el trámite { $number }
web-waits-message = Espera el mensaje { $name }
web-waits-message-of = Espera el mensaje { $name } de { $key }
web-waits-signal = Espera la señal { $name }
web-waits-until = Espera hasta { $when }
web-suspended = Plazo suspendido
web-reminded = { $count ->
    [one] Recordado
   *[other] Recordado { $count } veces
}
web-escalated = Viene de { $role }
web-may-happen = Entretanto puede ocurrir
web-open-step = Abrir el paso { $step }
web-started-on = Iniciado { $when }
web-ended-on = Terminado { $when }
web-documents = Documentos emitidos
web-no-documents = Todavía ninguno.
web-signed = Firmado
web-papers = Papeles recibidos
web-data = Datos
web-story = Historia
web-noted = { $count ->
        [one] Un dato anotado
       *[other] { $count } datos anotados
    }
web-data-unasked = Otros datos
web-items-open = { $count ->
    [0] Ninguno abierto
    [one] Uno abierto
   *[other] { $count } abiertos
}
web-items-ended = { $count ->
    [0] ninguno terminado todavía
    [one] uno terminado
   *[other] { $count } terminados
}
web-items-add = Agregar otro
web-items-close = Ya no hay más
web-cancel-case = Anular el trámite
web-cancel-reason = Motivo de la anulación
web-cancel-now = Anular definitivamente
web-journal-started = Inició el trámite { $number }
web-journal-offered = Pasa al paso { $step }: { $role }
web-journal-claimed = Tomó el paso { $step }
web-journal-released = Devolvió el paso { $step } a la bandeja
web-journal-withdrawn = Se retiró el paso { $step }
web-journal-overdue = Se venció el plazo del paso { $step }
web-journal-completed = Completó el paso { $step }
web-journal-decided = Completó el paso { $step }: { $choice }
web-journal-passed = El paso { $step } se cumplió solo
web-journal-handed-in = Recibió: { $papers }
web-journal-saved = Guardó en { $register }: { $row }
web-journal-moved = Movió { $amount } de { $item }: de «{ $from }» a «{ $to }»
web-journal-looked-up = Según la tabla «{ $table }», fila { $rows } → { $result }
web-journal-looked-up-otherwise = Según la tabla «{ $table }», sin fila propia → { $result }
web-journal-issued = Emitió { $title } { $number }
web-journal-way = Según los datos: { $label }
web-journal-branches = Empiezan a la vez: { $branches }
web-journal-list-opened = Se abrió la lista del paso { $step }
web-journal-any-order = En cualquier orden: { $branches }
web-journal-whatever-first = Lo que ocurra primero: { $branches }
web-journal-round = Vuelta { $round }
web-journal-round-ended = Terminó la vuelta { $round }
web-journal-no-branch = No hizo falta nada del paso { $step }
web-journal-branch-ended = Terminó la rama «{ $branch }»
web-journal-joined = Se unieron las ramas del paso { $step }
web-journal-joined-without = Sigue sin: { $branches }
web-journal-block-withdrawn = Se retiraron las ramas del paso { $step }
web-journal-held = El paso { $step } está hecho y espera lo que empezó a su lado
web-journal-parked = El paso { $step } espera su turno
web-journal-lock-wanted = En la fila para { $name }
web-journal-lock-taken = { $name } queda para este trámite
web-journal-lock-released = { $name } devuelto: queda libre
web-journal-skipped = Se pasó por alto el paso { $step }: ya no correspondía
web-journal-branch-begun = Empieza: «{ $branch }»
web-journal-items-closed = En el paso { $step } ya no se agrega nada
web-journal-wait-begun = Paso { $step }: { $what }
web-journal-wait-ended = Paso { $step }: llegó lo que se esperaba
web-journal-message-received = Llegó el mensaje { $name }
web-journal-signal-received = Llegó la señal { $name }
web-journal-message-sent = Se envió el mensaje { $name }
web-journal-signal-sent = Se dio la señal { $name }
web-journal-interrupted = Se retiró el paso { $step }: { $what }
web-journal-reminded = Recordatorio del paso { $step }
web-journal-escalated = El paso { $step } pasó a { $role }
web-journal-suspended = El plazo del paso { $step } queda suspendido
web-journal-resumed = El plazo del paso { $step } corre de nuevo, hasta { $when }
web-journal-branch-taken = Ocurrió primero: «{ $branch }»
web-journal-signed = Se firmó { $title } { $number }
web-journal-ended = El trámite terminó: { $outcome }
web-journal-cancelled = Anuló el trámite: { $reason }
web-journal-job-created = Paso { $step }: { $what }
web-journal-child-started = Se inició el trámite { $number }
web-journal-job-completed = La máquina cumplió el paso { $step }
web-journal-job-failed = No funcionó: { $reason }
web-journal-error-handled = El paso { $step } sigue después de un error: { $reason }
web-journal-job-withdrawn = Se retiró el trabajo de la máquina del paso { $step }
web-journal-incident-raised = El paso { $step } no puede seguir solo
web-journal-incident-resolved = La máquina del paso { $step } vuelve a intentar
web-machine-send = Correo a { $what }
web-machine-call = Consulta al servicio «{ $what }»
web-machine-work = Espera al trabajador «{ $what }»
web-machine-case = Espera un trámite de «{ $what }»
web-machine-begins = Inicia un trámite de «{ $what }»
web-begun-by = Iniciado por el trámite
reason-not-waited-for = El trámite { $number } ya no lo espera.
web-machine-works = Una máquina está trabajando
web-machine-stuck = Una máquina no puede seguir
web-machine-needs-help = Necesita a alguien
web-machine-again = Vuelve a intentar { $when }
web-machine-retry = Intentar otra vez
web-machine-retry-words = Cuando se haya quitado la causa, la máquina puede intentar otra vez con los mismos datos.
web-machine-by-hand = Hacerlo a mano
web-machine-by-hand-words = Si alguien hizo a mano el trabajo de la máquina, anote aquí lo que resultó y el trámite sigue.
web-machine-done = Hecho a mano: seguir

## Pantallas: lo que está detenido

web-board = Trámites detenidos
web-board-nav = Detenidos
web-board-words = Pasos vencidos, que esperan hace una semana o que nadie puede hacer. Primero los detenidos hace más tiempo.
web-board-counts = Pasos pendientes y con atraso por procedimiento
web-board-open = Pendientes: { $count }
web-board-stuck = Con atraso: { $count }
web-board-more-than = { $count }+
web-board-role = A cargo de
web-board-open-short = Pendientes
web-board-stuck-short = Con atraso
web-board-only = Ver solo este procedimiento
web-board-all = Ver todos los procedimientos
web-board-list = Pasos detenidos
web-board-machines = Máquinas que no pueden seguir
web-alone = Lo que no salió por sí solo
web-alone-schedule = Debía empezar un trámite: { $when }.
web-alone-report = Debía hacerse: { $when }.
web-alone-message = Mensaje «{ $message }».
web-alone-message-of = Mensaje «{ $message }» de { $key }.
web-alone-timer = Venció un plazo: { $when }.
web-alone-next = próximo intento: { $when }
web-alone-again = Intentar ahora
web-alone-drop = Descartar
web-alone-drop-words = Ya no volverá a intentarse.
web-alone-drop-surely = Sí, descartar
web-board-orphan = Nadie que pueda ingresar tiene el cargo { $role }: quien administra el sistema debe dárselo a alguien.
web-board-left = Lo tiene { $name }, que ya no puede ingresar.
web-board-held = Lo tiene { $name }.
web-board-unclaimed = Nadie lo ha tomado.
web-board-waits = Espera sin plazo; llegó { $when }.
web-board-since = Llegó { $when }.
web-board-empty = Nada está detenido
web-board-empty-words = Ningún paso pendiente está vencido y todos tienen quien los haga.

## Informes

report-span = del { $first } al { $last }
report-made = Elaborado el { $when }
report-page = Página
report-empty = No hay nada en este período
report-archived = { $count ->
    [one] Un trámite de ese tiempo está archivado; lo que agregaría no figura aquí.
   *[other] { $count } trámites de ese tiempo están archivados; lo que agregarían no figura aquí.
  }
report-total = Total
report-count = { $count ->
        [one] Una fila
       *[other] { $count } filas
    }
web-reports = Informes
web-reports-words = Listas sobre muchos trámites, para ver, imprimir o llevar a Excel.
web-report-now = Como está ahora
web-report-each-day = De cada día
web-report-each-week = De cada semana
web-report-each-month = De cada mes
web-report-each-year = De cada año
web-report-period = Período
web-report-before-day = El día anterior
web-report-before-week = La semana anterior
web-report-before-month = El mes anterior
web-report-before-year = El año anterior
web-report-after-day = El día siguiente
web-report-after-week = La semana siguiente
web-report-after-month = El mes siguiente
web-report-after-year = El año siguiente
web-report-day = Fecha
web-report-show = Ver
web-report-first = aquí están las primeras { $count }; los archivos las traen todas
web-report-too-many = Este período tiene más de { $most } filas, y un informe no lleva más. Elija un período más corto o pida que el informe se acote.
web-report-too-long = En papel caben { $most } filas. Descargue este período en Excel.
web-made = Hechos por sí solos
web-made-on = Hecho: { $when }
web-made-not = No se pudo hacer.
web-made-of-register = Como estaba entonces
web-made-none = Todavía no se hizo ninguno.

## Saldos

web-ledgers = Saldos
web-ledgers-words = Qué hay en cada cuenta y cómo llegó allí. Solo los pasos de un trámite mueven algo.
web-ledger-unit = Cantidades en { $unit }
web-ledger-search = Buscar por código o descripción
web-ledger-item = Descripción
web-ledger-transit = en camino
web-ledger-empty = Aquí todavía no se ha movido nada que se llame así.
web-ledger-movements = Movimientos
web-ledger-when = Cuándo
web-ledger-from-to = De dónde a dónde
web-ledger-amount = Cantidad
