//! Units, users, their roles and the links to their accounts.

use diesel::prelude::*;

use super::schema::{roles, sign_in_links, unit_appearances, units, users};
use super::{Connection, Id, Instant, Json};
use crate::error::Error;
use crate::rules::access::{Action, Role};
use crate::rules::appearance::Appearance;
use crate::rules::states::LinkPurpose;

/// A person who works here.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// Identity.
    pub id: Id,
    /// Address, in small letters.
    pub email: String,
    /// Name as shown.
    pub name: String,
    /// argon2id, in PHC form; absent until a password is set.
    pub password_hash: Option<String>,
    /// Language of the pages, `vi` or `en`.
    pub language: String,
    /// Whether sign-in is refused.
    pub disabled: bool,
    /// When the account was made.
    pub created_at: Instant,
}

/// A body in the tree.
#[derive(Clone, Debug, Queryable, Insertable, Selectable)]
#[diesel(table_name = units)]
pub struct Unit {
    /// Identity.
    pub id: Id,
    /// The unit above, if any.
    pub parent_id: Option<Id>,
    /// Name.
    pub name: String,
    /// When it was made.
    pub created_at: Instant,
}

/// How a unit appears to respondents; nothing of its own where nothing was set.
pub fn appearance(connection: &mut Connection, unit: Id) -> Result<Appearance, Error> {
    let found: Option<Json<Appearance>> = unit_appearances::table
        .find(unit)
        .select(unit_appearances::appearance)
        .first(connection)
        .optional()?;
    Ok(found.map(Json::into_inner).unwrap_or_default())
}

/// Sets how a unit appears to respondents.
pub fn set_appearance(
    connection: &mut Connection,
    unit: Id,
    appearance: &Appearance,
) -> Result<(), Error> {
    diesel::delete(unit_appearances::table.find(unit)).execute(connection)?;
    diesel::insert_into(unit_appearances::table)
        .values((
            unit_appearances::unit_id.eq(unit),
            unit_appearances::appearance.eq(Json::new(appearance.clone())),
        ))
        .execute(connection)?;
    Ok(())
}

/// Whether nobody has an account yet.
pub fn is_empty(connection: &mut Connection) -> Result<bool, Error> {
    Ok(users::table.select(users::id).first::<Id>(connection).optional()?.is_none())
}

/// Adds a unit.
pub fn insert_unit(connection: &mut Connection, unit: &Unit) -> Result<(), Error> {
    diesel::insert_into(units::table).values(unit.clone()).execute(connection)?;
    Ok(())
}

/// The topmost unit, if set-up has been done.
pub fn root_unit(connection: &mut Connection) -> Result<Option<Unit>, Error> {
    Ok(units::table.filter(units::parent_id.is_null()).first(connection).optional()?)
}

/// Adds a user; a second one with the same address is a conflict.
pub fn insert_user(connection: &mut Connection, user: &User) -> Result<(), Error> {
    diesel::insert_into(users::table).values(user.clone()).execute(connection)?;
    Ok(())
}

/// Gives a user a role in a unit.
pub fn grant(connection: &mut Connection, user: Id, unit: Id, role: Role) -> Result<(), Error> {
    diesel::insert_into(roles::table)
        .values((roles::user_id.eq(user), roles::unit_id.eq(unit), roles::role.eq(role)))
        .execute(connection)?;
    Ok(())
}

/// The user with that address.
pub fn find_by_email(connection: &mut Connection, email: &str) -> Result<Option<User>, Error> {
    Ok(users::table
        .filter(users::email.eq(email.trim().to_lowercase()))
        .first(connection)
        .optional()?)
}

/// The user's roles: in which unit, which.
pub fn roles_of(connection: &mut Connection, user: Id) -> Result<Vec<(Id, Role)>, Error> {
    Ok(roles::table
        .filter(roles::user_id.eq(user))
        .select((roles::unit_id, roles::role))
        .load(connection)?)
}

/// Everybody whose role in a unit or above it carries a right, by name.
pub fn with_right(
    connection: &mut Connection,
    unit: Id,
    action: Action,
) -> Result<Vec<User>, Error> {
    let chain = unit_with_ancestors(connection, unit)?;
    let roles: Vec<Role> = Role::ALL.iter().copied().filter(|role| role.may(action)).collect();
    Ok(users::table
        .filter(users::disabled.eq(false))
        .filter(
            users::id.eq_any(
                roles::table
                    .filter(roles::unit_id.eq_any(chain))
                    .filter(roles::role.eq_any(roles))
                    .select(roles::user_id),
            ),
        )
        .order((users::name.asc(), users::id.asc()))
        .load(connection)?)
}

/// A unit and all units above it: a right in any of them reaches it.
pub fn unit_with_ancestors(connection: &mut Connection, unit: Id) -> Result<Vec<Id>, Error> {
    let mut chain = vec![unit];
    let mut current = Some(unit);
    while let Some(id) = current {
        current = units::table
            .find(id)
            .select(units::parent_id)
            .first::<Option<Id>>(connection)
            .optional()?
            .flatten()
            // A cycle cannot be made through the pages; this keeps a damaged table from looping.
            .filter(|parent| !chain.contains(parent));
        chain.extend(current);
    }
    Ok(chain)
}

/// Every unit below the given ones, and themselves.
pub fn units_below(connection: &mut Connection, tops: &[Id]) -> Result<Vec<Id>, Error> {
    let all: Vec<(Id, Option<Id>)> =
        units::table.select((units::id, units::parent_id)).load(connection)?;
    let mut reached: Vec<Id> = tops.to_vec();
    let mut next = 0;
    while next < reached.len() {
        let parent = reached[next];
        for (id, above) in &all {
            if *above == Some(parent) && !reached.contains(id) {
                reached.push(*id);
            }
        }
        next += 1;
    }
    Ok(reached)
}

/// Keeps a one-time link to an account.
pub fn insert_link(
    connection: &mut Connection,
    token_hash: &[u8],
    user: Id,
    purpose: LinkPurpose,
    expires_at: Instant,
) -> Result<(), Error> {
    diesel::insert_into(sign_in_links::table)
        .values((
            sign_in_links::token_hash.eq(token_hash.to_vec()),
            sign_in_links::user_id.eq(user),
            sign_in_links::purpose.eq(purpose),
            sign_in_links::expires_at.eq(expires_at),
        ))
        .execute(connection)?;
    Ok(())
}

/// Whose link that is, before it expires; it stays.
pub fn user_of_link(
    connection: &mut Connection,
    token_hash: &[u8],
    purpose: LinkPurpose,
    now: Instant,
) -> Result<Option<User>, Error> {
    let user = sign_in_links::table
        .find(token_hash.to_vec())
        .filter(sign_in_links::purpose.eq(purpose))
        .filter(sign_in_links::expires_at.ge(now))
        .select(sign_in_links::user_id)
        .first::<Id>(connection)
        .optional()?;
    let Some(user) = user else { return Ok(None) };
    Ok(users::table.find(user).filter(users::disabled.eq(false)).first(connection).optional()?)
}

/// Uses up a link: the user, the first time and before it expires.
pub fn take_link(
    connection: &mut Connection,
    token_hash: &[u8],
    purpose: LinkPurpose,
    now: Instant,
) -> Result<Option<User>, Error> {
    let user = user_of_link(connection, token_hash, purpose, now)?;
    let own = sign_in_links::table.filter(sign_in_links::token_hash.eq(token_hash.to_vec()));
    diesel::delete(own.filter(sign_in_links::purpose.eq(purpose))).execute(connection)?;
    Ok(user)
}

/// Ends every link of a user.
pub fn end_all_links(connection: &mut Connection, user: Id) -> Result<(), Error> {
    diesel::delete(sign_in_links::table.filter(sign_in_links::user_id.eq(user)))
        .execute(connection)?;
    Ok(())
}

/// Ends the links of a user for a purpose, and all that have expired.
pub fn end_links(
    connection: &mut Connection,
    user: Id,
    purpose: LinkPurpose,
    now: Instant,
) -> Result<(), Error> {
    let own = sign_in_links::user_id.eq(user).and(sign_in_links::purpose.eq(purpose));
    diesel::delete(sign_in_links::table.filter(own.or(sign_in_links::expires_at.lt(now))))
        .execute(connection)?;
    Ok(())
}

/// The user with that identity.
pub fn find(connection: &mut Connection, id: Id) -> Result<Option<User>, Error> {
    Ok(users::table.find(id).first(connection).optional()?)
}

/// A unit.
pub fn unit(connection: &mut Connection, id: Id) -> Result<Option<Unit>, Error> {
    Ok(units::table.find(id).first(connection).optional()?)
}

/// Every unit, by name.
pub fn all_units(connection: &mut Connection) -> Result<Vec<Unit>, Error> {
    Ok(units::table.order((units::name.asc(), units::id.asc())).load(connection)?)
}

/// Gives a unit another name.
pub fn rename_unit(connection: &mut Connection, unit: Id, name: &str) -> Result<(), Error> {
    diesel::update(units::table.find(unit)).set(units::name.eq(name)).execute(connection)?;
    Ok(())
}

/// What a user is in a unit itself.
pub fn role_in(connection: &mut Connection, user: Id, unit: Id) -> Result<Option<Role>, Error> {
    Ok(roles::table.find((user, unit)).select(roles::role).first(connection).optional()?)
}

/// Everybody who has a role in one of the units, with unit and role, by name.
pub fn of_units(connection: &mut Connection, units: &[Id]) -> Result<Vec<(User, Id, Role)>, Error> {
    Ok(roles::table
        .inner_join(users::table)
        .filter(roles::unit_id.eq_any(units.to_vec()))
        .order((users::name.asc(), users::id.asc()))
        .select((users::all_columns, roles::unit_id, roles::role))
        .load(connection)?)
}

/// How many people have a role in each unit.
pub fn counts_by_unit(connection: &mut Connection) -> Result<Vec<(Id, i64)>, Error> {
    Ok(roles::table
        .group_by(roles::unit_id)
        .select((roles::unit_id, diesel::dsl::count_star()))
        .load(connection)?)
}

/// Gives a user another role in a unit where they have one.
pub fn change_role(
    connection: &mut Connection,
    user: Id,
    unit: Id,
    role: Role,
) -> Result<(), Error> {
    diesel::update(roles::table.find((user, unit)))
        .set(roles::role.eq(role))
        .execute(connection)?;
    Ok(())
}

/// Ends the role of a user in a unit.
pub fn end_role(connection: &mut Connection, user: Id, unit: Id) -> Result<(), Error> {
    diesel::delete(roles::table.find((user, unit))).execute(connection)?;
    Ok(())
}

/// Refuses or allows a user's sign-in.
pub fn set_disabled(connection: &mut Connection, user: Id, disabled: bool) -> Result<(), Error> {
    diesel::update(users::table.find(user))
        .set(users::disabled.eq(disabled))
        .execute(connection)?;
    Ok(())
}

/// Changes how a user is called and the language of the pages.
pub fn set_name(
    connection: &mut Connection,
    user: Id,
    name: &str,
    language: &str,
) -> Result<(), Error> {
    diesel::update(users::table.find(user))
        .set((users::name.eq(name), users::language.eq(language)))
        .execute(connection)?;
    Ok(())
}

/// Changes the language of a user's pages.
pub fn set_language(connection: &mut Connection, user: Id, language: &str) -> Result<(), Error> {
    diesel::update(users::table.find(user))
        .set(users::language.eq(language))
        .execute(connection)?;
    Ok(())
}

/// Sets a user's password hash.
pub fn set_password(connection: &mut Connection, user: Id, hash: &str) -> Result<(), Error> {
    diesel::update(users::table.find(user))
        .set(users::password_hash.eq(hash))
        .execute(connection)?;
    Ok(())
}
