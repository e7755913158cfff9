//! A case in Cedar's words: entities and a request.

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression as Value, Schema,
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use mychartum_core::access::grant::{GrantStanding, Terms, Widened};
use mychartum_core::access::pack::PolicyPack;
use mychartum_core::access::{GlassReason, Life, Majority, Scope, Sensitivity, SensitivitySet, Truth, Verb};
use mychartum_core::audit::Purpose;
use mychartum_core::chart::SectionSet;
use mychartum_core::kernel::id::{AccountId, PatientId, TenantId};

use crate::case::{Asker, Case, Item};
use crate::policies::PLACES;

/// Translates; it keeps the names of types, which Cedar would parse each time.
#[derive(Debug, Clone)]
pub struct Translator {
    tenant: EntityTypeName,
    account: EntityTypeName,
    staff: EntityTypeName,
    host: EntityTypeName,
    chart: EntityTypeName,
    item: EntityTypeName,
    actions: Vec<EntityUid>,
    templates: Vec<String>,
}

impl Translator {
    /// For cases of a pack.
    ///
    /// # Panics
    /// Never: the names are right.
    #[must_use]
    pub fn new(pack: &PolicyPack) -> Self {
        let name = |name: &str| name.parse::<EntityTypeName>().expect("a name");
        let action = name("Action");
        Self {
            tenant: name("Tenant"),
            account: name("Account"),
            staff: name("Staff"),
            host: name("Host"),
            chart: name("Chart"),
            item: name("Item"),
            actions: Verb::ALL.map(|verb| uid(&action, verb.name())).to_vec(),
            templates: pack.templates().iter().map(|template| template.name.to_string()).collect(),
        }
    }

    /// The asker, the chart with its grants, and items, each named by its place; compared with the schema if there is one.
    ///
    /// # Panics
    /// If they do not fit the schema.
    #[must_use]
    pub fn entities(&self, case: &Case, items: &[Item], pack: &PolicyPack, schema: Option<&Schema>) -> Entities {
        let mut all = vec![self.asker(case), self.chart(case, pack)];
        all.extend(items.iter().enumerate().map(|(place, item)| self.item(place, item)));
        Entities::from_entities(all, schema).unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// The request about the item at a place; compared with the schema if there is one.
    ///
    /// # Panics
    /// If it does not fit the schema.
    #[must_use]
    pub fn request(&self, case: &Case, place: usize, item: &Item, schema: Option<&Schema>) -> Request {
        let right = 8 * i64::from(item.section.number()) + i64::from(case.verb.number());
        let mut asked = vec![
            field("now", Value::new_long(case.now)),
            field("right", Value::new_long(right)),
            field("tenant", self.tenant_value(case.tenant)),
            field("chart", self.chart_value(case.subject.patient)),
            field("assurance", Value::new_long(case.assurance.into())),
            field("operations", Value::new_bool(case.purpose == Purpose::Operations)),
            field("proceedings", Value::new_bool(case.purpose == Purpose::Proceedings)),
        ];
        if let Some(birth) = &case.birth {
            let now = crate::cases::at(case.now).with_timezone(&birth.zone).date_naive();
            let (least, most) = (years(birth.last, now), years(birth.first, now));
            let age = [field("least", Value::new_long(least)), field("most", Value::new_long(most))];
            asked.push(field("age", record(age)));
        }
        match &case.asker {
            Asker::Account { app: Some(app), .. } => {
                let app = [field("chart", self.chart_value(app.patient)), field("scope", rights(app.scope))];
                asked.push(field("app", record(app)));
            }
            Asker::Staff { glass: Some(glass), .. } => {
                let reason = match glass.reason {
                    GlassReason::None => "none",
                    GlassReason::Emergency => "emergency",
                    GlassReason::AtPatientsRequest => "at-patients-request",
                };
                let glass = [
                    field("chart", self.chart_value(glass.patient)),
                    field("reason", Value::new_string(reason.to_owned())),
                    field("from", time(glass.from)),
                    field("until", time(glass.until)),
                ];
                asked.push(field("glass", record(glass)));
            }
            _ => {}
        }
        let context = Context::from_pairs(asked).expect("no key twice");
        let action = self.actions[usize::from(case.verb.number())].clone();
        let resource = uid(&self.item, &place.to_string());
        Request::new(self.asker_uid(case), action, resource, context, schema)
            .unwrap_or_else(|error| panic!("{error:?}"))
    }

    fn asker_uid(&self, case: &Case) -> EntityUid {
        match &case.asker {
            Asker::Account { account, .. } => uid(&self.account, &id(account.to_bytes())),
            Asker::Staff { account, .. } => uid(&self.staff, &id(account.to_bytes())),
            Asker::Host => uid(&self.host, "host"),
        }
    }

    fn asker(&self, case: &Case) -> Entity {
        let attributes = match &case.asker {
            Asker::Account { account, own, .. } => vec![
                field("id", Value::new_string(id(account.to_bytes()))),
                field("own", Value::new_set(own.iter().map(|chart| self.chart_value(*chart)))),
            ],
            _ => Vec::new(),
        };
        entity(self.asker_uid(case), attributes, Vec::new())
    }

    fn chart(&self, case: &Case, pack: &PolicyPack) -> Entity {
        let mut sorted: Vec<&Terms> = case.grants.iter().collect();
        sorted.sort_by_key(|terms| (terms.proxy, terms.id));
        let of_proxies = sorted.chunk_by(|one, other| one.proxy == other.proxy).map(|own| {
            let grants = PLACES.iter().zip(own).map(|(place, terms)| field(place, self.grant(terms, pack)));
            let proxy = own.first().map_or(String::new(), |terms| id(terms.proxy.to_bytes()));
            (proxy, record(grants))
        });
        let subject = &case.subject;
        let attributes = vec![
            field("tenant", self.tenant_value(subject.tenant)),
            field("merged", Value::new_bool(subject.life == Life::Merged)),
            field("deceased", Value::new_bool(subject.life == Life::Deceased)),
            field("emancipated", Value::new_bool(subject.majority == Majority::Emancipated)),
        ];
        entity(uid(&self.chart, &id(subject.patient.to_bytes())), attributes, of_proxies.collect())
    }

    fn grant(&self, terms: &Terms, pack: &PolicyPack) -> Value {
        let mut grant = vec![
            field("tenant", self.tenant_value(terms.tenant)),
            field("chart", self.chart_value(terms.patient)),
            field("basis", Value::new_string(terms.basis.name().to_owned())),
            field("live", Value::new_bool(terms.standing == GrantStanding::Live)),
            field("scope", rights(terms.scope)),
            field("consents", labels(terms.consents)),
            field("records", sections(terms.part2.records)),
            field("notes", sections(terms.part2.notes)),
            field("from", time(terms.from)),
        ];
        grant.extend((terms.narrowed != Scope::ALL).then(|| field("narrowed", rights(terms.narrowed))));
        grant.extend(terms.until.map(|until| field("until", time(until))));
        grant.extend(terms.widened.map(|widened| field("widened", self.widened(widened, pack))));
        record(grant)
    }

    fn widened(&self, widened: Widened, pack: &PolicyPack) -> Value {
        let template = self.templates.iter().find(|name| pack.template_named(name) == Some(widened.template));
        let mut fields = vec![
            field("band", Value::new_long(widened.band.into())),
            field("template", Value::new_string(template.cloned().unwrap_or_default())),
        ];
        fields.extend(widened.until.map(|until| field("until", time(until))));
        record(fields)
    }

    fn item(&self, place: usize, item: &Item) -> Entity {
        let topics = (item.topics.bits() != 0).then(|| Value::new_string("hpv".to_owned()));
        let hidden_from = item.hidden.iter().flatten().map(|account| self.account_value(*account));
        let mut attributes = vec![
            field("tenant", self.tenant_value(item.tenant)),
            field("chart", self.chart_value(item.patient)),
            field("section", Value::new_string(item.section.name().to_owned())),
            field("labels", labels(item.labels.without(Sensitivity::Part2))),
            field("part2", Value::new_bool(item.labels.has(Sensitivity::Part2))),
            field("topics", Value::new_set(topics)),
            field("fact", Value::new_bool(item.truth == Truth::Fact)),
            field("hiddenFromAll", Value::new_bool(item.hidden.is_none())),
            field("hiddenFrom", Value::new_set(hidden_from)),
        ];
        attributes.extend(item.released.own.map(|from| field("ownFrom", time(from))));
        attributes.extend(item.released.others.map(|from| field("othersFrom", time(from))));
        attributes.extend(item.author.map(|author| field("author", self.account_value(author))));
        entity(uid(&self.item, &place.to_string()), attributes, Vec::new())
    }

    fn tenant_value(&self, tenant: TenantId) -> Value {
        Value::new_entity_uid(uid(&self.tenant, &id(tenant.to_bytes())))
    }

    fn chart_value(&self, patient: PatientId) -> Value {
        Value::new_entity_uid(uid(&self.chart, &id(patient.to_bytes())))
    }

    fn account_value(&self, account: AccountId) -> Value {
        Value::new_entity_uid(uid(&self.account, &id(account.to_bytes())))
    }
}

/// Full years on a day. Whoever was born on 29 February has a birthday on 1 March in other years.
fn years(born: NaiveDate, day: NaiveDate) -> i64 {
    let before_birthday = (day.month(), day.day()) < (born.month(), born.day());
    i64::from(day.year()) - i64::from(born.year()) - i64::from(before_birthday)
}

fn entity(uid: EntityUid, attributes: Vec<(String, Value)>, tags: Vec<(String, Value)>) -> Entity {
    Entity::new_with_tags(uid, attributes, [], tags).expect("values only")
}

fn uid(kind: &EntityTypeName, name: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(name))
}

/// An id without the half that is alike in all ids of a kind: shorter texts are quicker for Cedar.
#[allow(clippy::cast_possible_truncation, reason = "the other half is alike")]
pub(crate) fn id(bytes: [u8; 16]) -> String {
    format!("{:x}", u128::from_be_bytes(bytes) as u64)
}

fn field(name: &str, value: Value) -> (String, Value) {
    (name.to_owned(), value)
}

fn record(fields: impl IntoIterator<Item = (String, Value)>) -> Value {
    Value::new_record(fields).expect("no key twice")
}

fn time(at: DateTime<Utc>) -> Value {
    Value::new_long(at.timestamp_micros())
}

fn rights(scope: Scope) -> Value {
    let numbers = scope.pairs().map(|(section, verb)| 8 * i64::from(section.number()) + i64::from(verb.number()));
    Value::new_set(numbers.map(Value::new_long))
}

fn labels(labels: SensitivitySet) -> Value {
    Value::new_set(labels.iter().map(|label| Value::new_string(label.code().to_owned())))
}

fn sections(sections: SectionSet) -> Value {
    Value::new_set(sections.iter().map(|section| Value::new_string(section.name().to_owned())))
}
