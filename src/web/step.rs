//! A step as the person sees it: the manual's words, the papers that belong to it, and the ways on.

use serde::Serialize;

use super::desk::Desk;
use super::fail::Fail;
use super::rejection::said;
use super::routes;
use super::session::Here;
use super::speaker::Term;
use crate::engine::Rejection;
use crate::expression::{Layer, Map, Scope};
use crate::procedure::{COMPLETED, Choice, Destination, DocumentUse, Target};
use crate::wording::{paper_title, role_title};

#[derive(Serialize)]
pub(super) struct StepView {
    id: String,
    /// The branch that it stands in, where several are open at once.
    branch: Option<String>,
    /// Whose step it is in the manual.
    role: String,
    /// Who records it, when that is somebody else.
    attended_by: Option<String>,
    /// The manual's text, paragraph by paragraph.
    activity: Vec<String>,
    due: Option<Term>,
    errata: Vec<Erratum>,
    hands_in: Vec<HandedIn>,
    needs: Vec<Need>,
    issues: Vec<Issue>,
    ways: Vec<Way>,
    href: String,
    is_claimed: bool,
}

#[derive(Serialize)]
struct Erratum {
    says: String,
    why: String,
}

/// A paper that is brought at this step.
#[derive(Serialize)]
struct HandedIn {
    title: String,
    says: Option<String>,
}

/// A paper or document that is needed in hand, or signed.
#[derive(Serialize)]
struct Need {
    title: String,
    number: Option<String>,
    is_there: bool,
    is_signed_here: bool,
    href: Option<String>,
}

/// A document that completing the step issues.
#[derive(Serialize)]
struct Issue {
    title: String,
    copies: u32,
    draft: String,
}

/// A way on that the person chooses.
#[derive(Serialize)]
struct Way {
    label: String,
    says: Option<String>,
    leads: String,
    issues: Vec<Issue>,
}

/// Why the person can't complete the step now.
#[derive(Serialize)]
pub(super) struct Bar {
    words: String,
    /// The task is done already; there is nothing more to wait for.
    is_closed: bool,
}

/// The step, with the data as typed so far: it tells which papers are wanted.
pub(super) fn step_view(here: &Here, desk: &Desk, data: &Map) -> StepView {
    let step = desk.step();
    let organisation = &desk.executable.organisation;
    let outer = desk.scope(here);
    let scope = Layer { own: data, outer: &outer };
    let queue = desk.executable.queue(step);
    let role = step.role.as_ref().map(|role| role.value.as_str());
    let errata = step.errata.iter();
    let handed = step.hands_in.iter().map(|paper| HandedIn {
        title: paper_title(&desk.executable, paper),
        says: organisation.paper(paper).and_then(|paper| paper.says.clone()),
    });
    let needs = step
        .receives
        .iter()
        .map(|used| (used, false))
        .chain(step.signs.iter().map(|used| (used, true)))
        .filter(|(used, _)| is_wanted(used, &scope));
    StepView {
        id: here.speaker.step(&step.id),
        branch: desk.branch(),
        role: role.map(|role| role_title(organisation, role)).unwrap_or_default(),
        attended_by: queue
            .filter(|queue| Some(*queue) != role)
            .map(|queue| role_title(organisation, queue)),
        activity: step
            .activity
            .split('\n')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(ToOwned::to_owned)
            .collect(),
        due: desk.task.as_ref().and_then(|task| task.due_at).map(|at| here.speaker.due(at)),
        errata: errata
            .map(|erratum| Erratum { says: erratum.says.clone(), why: erratum.why.clone() })
            .collect(),
        hands_in: handed.collect(),
        needs: needs.map(|(used, is_signed)| need(desk, used, is_signed)).collect(),
        issues: issues(desk, &step.issues, &scope),
        ways: step.choices().iter().map(|choice| way(here, desk, choice, &scope)).collect(),
        href: routes::task(&desk.case.id, desk.number),
        is_claimed: desk.task.as_ref().is_some_and(|task| task.claimed_by.is_some()),
    }
}

/// A condition that can't be reckoned yet leaves the paper in: better one too many than one unseen.
fn is_wanted(used: &DocumentUse, scope: &dyn Scope) -> bool {
    used.when.as_ref().is_none_or(|when| when.holds(scope).unwrap_or(true))
}

fn need(desk: &Desk, used: &DocumentUse, is_signed_here: bool) -> Need {
    let state = &desk.case.state;
    let issued = state.document(&used.name);
    let step = desk.step();
    Need {
        title: paper_title(&desk.executable, &used.name),
        number: issued.map(|issued| issued.number.clone()),
        is_there: issued.is_some()
            || state.papers.contains(used.name.as_str())
            || step.hands_in.iter().any(|paper| **paper == *used.name)
            || step.all_issues().any(|issue| *issue.name == *used.name),
        is_signed_here,
        href: issued.map(|issued| routes::document(&desk.case.id, issued.no)),
    }
}

fn issues(desk: &Desk, uses: &[DocumentUse], scope: &dyn Scope) -> Vec<Issue> {
    let wanted = uses.iter().filter(|used| is_wanted(used, scope));
    wanted
        .filter_map(|used| {
            let document = desk.executable.documents.get(used.name.as_str())?;
            let task = routes::task(&desk.case.id, desk.number);
            Some(Issue {
                title: document.title.clone(),
                copies: used.copies.unwrap_or(document.copies),
                draft: format!("{task}/drafts/{}", document.id.value),
            })
        })
        .collect()
}

fn way(here: &Here, desk: &Desk, choice: &Choice, scope: &dyn Scope) -> Way {
    Way {
        label: choice.label.value.clone(),
        says: choice.says.clone(),
        leads: leads(here, desk, &choice.target),
        issues: issues(desk, &choice.issues, scope),
    }
}

/// `Sigue el paso 3`, or how it ends.
fn leads(here: &Here, desk: &Desk, target: &Target) -> String {
    let executable = &desk.executable;
    match executable.destination(desk.place, target) {
        Destination::Step(place) => {
            let step = here.speaker.step(&executable.procedure.steps[place].id);
            here.speaker.t("web-leads-to", &[("step", step.into())])
        }
        Destination::Join => {
            let branch = executable.branch(&desk.step().id).unwrap_or_default();
            here.speaker.t("web-leads-to-join", &[("branch", branch.into())])
        }
        Destination::Over | Destination::End(_) => {
            let outcome = match target {
                Target::End(outcome) => outcome.as_str(),
                _ => COMPLETED,
            };
            let outcome = super::pages::cases::outcome_words(here, outcome);
            here.speaker.t("web-leads-to-end", &[("outcome", outcome.into())])
        }
    }
}

/// What the engine would say to this person, known beforehand.
pub(super) async fn bar(here: &Here, desk: &Desk) -> Result<Option<Bar>, Fail> {
    let Some(task) = &desk.task else {
        let words = said(here, &desk.executable, &Rejection::TaskNotOpen).await?;
        return Ok(Some(Bar { words, is_closed: true }));
    };
    let own = &here.person.id;
    let did = |step: &str| {
        desk.case.state.completed_by.get(step).is_some_and(|people| people.contains(own))
    };
    let rejection = if let Some(by) = task.claimed_by.as_ref().filter(|by| *by != own) {
        Rejection::ClaimedByAnother { by: by.clone() }
    } else if let Some(step) = desk.step().not_by.iter().find(|step| did(step)) {
        Rejection::FourEyes { step: step.value.clone() }
    } else if let Some(opens_at) = task.opens_at.filter(|at| *at > here.speaker.now) {
        Rejection::NotOpenYet { opens_at }
    } else {
        return Ok(None);
    };
    let words = said(here, &desk.executable, &rejection).await?;
    Ok(Some(Bar { words, is_closed: false }))
}
