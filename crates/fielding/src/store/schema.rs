//! The tables, as diesel sees them on both databases. A test compares this
//! with what the migrations make.
#![allow(missing_docs, reason = "the migrations describe the tables")]

diesel::table! { units (id) { id -> Binary, parent_id -> Nullable<Binary>, name -> Text, created_at -> BigInt, } }
diesel::table! { unit_appearances (unit_id) { unit_id -> Binary, appearance -> Text, } }
diesel::table! { logos (owner_id) { owner_id -> Binary, hash -> Text, media_type -> Text, bytes -> Binary, } }
diesel::table! { users (id) { id -> Binary, email -> Text, name -> Text, password_hash -> Nullable<Text>, language -> Text, disabled -> Bool, created_at -> BigInt, } }
diesel::table! { roles (user_id, unit_id) { user_id -> Binary, unit_id -> Binary, role -> Text, } }
diesel::table! { sessions (token_hash) { token_hash -> Binary, id -> Binary, user_id -> Binary, created_at -> BigInt, expires_at -> BigInt, device -> Text, seen_at -> BigInt, stage -> Text, } }
diesel::table! { sign_in_links (token_hash) { token_hash -> Binary, user_id -> Binary, expires_at -> BigInt, purpose -> Text, } }
diesel::table! { account_letters (id) { id -> Binary, email -> Text, asked_at -> BigInt, due_at -> BigInt, kind -> Text, } }
diesel::table! { invited_people (id) { id -> Binary, email -> Text, name -> Text, language -> Text, unit_id -> Binary, role -> Text, invited_by -> Binary, invited_at -> BigInt, token_hash -> Nullable<Binary>, expires_at -> Nullable<BigInt>, sent_at -> Nullable<BigInt>, problem -> Text, } }
diesel::table! { second_factors (user_id) { user_id -> Binary, sealed -> Binary, since -> BigInt, last_step -> BigInt, } }
diesel::table! { recovery_codes (code_hash) { code_hash -> Binary, user_id -> Binary, } }
diesel::table! { attempts (subject, window_start) { subject -> Binary, window_start -> BigInt, tries -> BigInt, } }
diesel::table! { audit_entries (id) { id -> Binary, at -> BigInt, user_id -> Nullable<Binary>, action -> Text, subject -> Text, detail -> Text, } }
diesel::table! { studies (id) { id -> Binary, unit_id -> Binary, name -> Text, title -> Text, privacy -> Text, status -> Text, organisation -> Text, phone -> Text, closes_on -> Nullable<Date>, link_ends_on -> Nullable<Date>, partial_threshold -> Double, margins -> Text, created_at -> BigInt, time_zone -> Text, gap_days -> BigInt, privacy_reason -> Text, statement -> Text, archived_at -> Nullable<BigInt>, deleted_at -> Nullable<BigInt>, review_required -> Bool, example -> Text, appearance -> Text, } }
diesel::table! { questionnaires (id) { id -> Binary, study_id -> Binary, draft -> Text, version_id -> Nullable<Binary>, updated_at -> BigInt, import_notes -> Text, draft_number -> BigInt, conflicts -> Text, } }
diesel::table! { draft_edits (questionnaire_id, number) { questionnaire_id -> Binary, number -> BigInt, author_id -> Binary, sent_as -> Binary, step -> Text, of_number -> Nullable<BigInt>, operations -> Text, inverses -> Text, refused -> Text, made_at -> BigInt, } }
diesel::table! { versions (id) { id -> Binary, questionnaire_id -> Binary, number -> BigInt, hash -> Text, document -> Text, published_at -> BigInt, draft_number -> Nullable<BigInt>, } }
diesel::table! { frames (id) { id -> Binary, study_id -> Binary, name -> Text, hash -> Text, units -> BigInt, read_at -> BigInt, as_of -> Nullable<Date>, state -> Text, encoding -> Text, separator -> Text, roles -> Text, report -> Text, plan -> Text, } }
diesel::table! { frame_parts (frame_id, sequence) { frame_id -> Binary, sequence -> BigInt, sealed -> Binary, } }
diesel::table! { samples (id) { id -> Binary, study_id -> Binary, round_id -> Binary, frame_id -> Binary, plan -> Text, plan_hash -> Text, seed -> Text, manifest -> Text, drawn_at -> BigInt, released -> BigInt, draw_hash -> Text, } }
diesel::table! { sample_entries (sample_id, number) { sample_id -> Binary, number -> BigInt, entry -> Text, } }
diesel::table! { sampled_units (id) { id -> Binary, sample_id -> Binary, unit_key -> Text, stratum -> Text, psu -> Text, probability -> Double, base_weight -> Double, replicate -> BigInt, attributes -> Text, } }
diesel::table! { areas (sample_id, stratum, psu) { sample_id -> Binary, stratum -> Text, psu -> Text, population -> BigInt, cases -> BigInt, latitude -> Nullable<Double>, longitude -> Nullable<Double>, assignee_id -> Nullable<Binary>, } }
diesel::table! { substitutions (sample_id, unit_key) { sample_id -> Binary, unit_key -> Text, by_key -> Text, reason -> Text, on_day -> Date, user_id -> Nullable<Binary>, } }
diesel::table! { cases (id) { id -> Binary, study_id -> Binary, round_id -> Binary, sampled_unit_id -> Nullable<Binary>, number -> BigInt, stratum -> Text, link_hash -> Binary, code_hash -> Binary, language -> Text, status -> Text, disposition -> Text, ended_on -> Nullable<Date>, } }
diesel::table! { contact_details (case_id) { case_id -> Binary, sealed -> Binary, } }
diesel::table! { suppressions (contact_hash) { contact_hash -> Binary, reason -> Text, since -> Date, } }
diesel::table! { contacts (id) { id -> Binary, case_id -> Binary, at -> BigInt, sequence -> BigInt, mode -> Text, event -> Text, } }
diesel::table! { outcome_counts (round_id, stratum, disposition, slot) { round_id -> Binary, stratum -> Text, disposition -> Text, slot -> BigInt, cases -> BigInt, } }
diesel::table! { outbox (id) { id -> Binary, study_id -> Binary, round_id -> Binary, case_id -> Binary, kind -> Text, number -> BigInt, state -> Text, due_at -> BigInt, attempts -> BigInt, problem -> Text, preparation_id -> Nullable<Binary>, } }
diesel::table! { preparations (id) { id -> Binary, study_id -> Binary, what -> Text, touched_at -> BigInt, } }
diesel::table! { responses (id) { id -> Binary, study_id -> Binary, round_id -> Binary, version_id -> Binary, state -> Text, seed -> BigInt, language -> Text, mode -> Text, began_on -> Date, ended_on -> Nullable<Date>, stratum -> Text, psu -> Text, base_weight -> Double, answers -> Nullable<Text>, sealed -> Nullable<Binary>, } }
diesel::table! { response_links (case_id) { case_id -> Binary, response_id -> Binary, } }
diesel::table! { response_revisions (response_id, sequence) { response_id -> Binary, sequence -> BigInt, page_id -> Binary, content -> Binary, saved_at -> BigInt, } }
diesel::table! { rounds (id) { id -> Binary, study_id -> Binary, number -> BigInt, opened_on -> Nullable<Date>, closed_on -> Nullable<Date>, regrouping -> Text, } }
diesel::table! { sealed_links (mark) { mark -> Binary, sealed -> Binary, } }
diesel::table! { ended_marks (mark) { mark -> Binary, ending -> Text, } }
diesel::table! { batches (id) { id -> Binary, round_id -> Binary, salt -> Binary, } }
diesel::table! { pooled_responses (id) { id -> Binary, round_id -> Binary, batch_id -> Binary, sealed -> Binary, } }
diesel::table! { pooled_files (id) { id -> Binary, pooled_id -> Binary, sealed -> Binary, } }
diesel::table! { day_counts (round_id, day, what, slot) { round_id -> Binary, day -> Date, what -> Text, slot -> BigInt, responses -> BigInt, } }
diesel::table! { media (study_id, name) { study_id -> Binary, name -> Text, media_type -> Text, size -> BigInt, bytes -> Binary, } }
diesel::table! { response_files (id) { id -> Binary, response_id -> Binary, ending -> Text, bytes -> Binary, } }
diesel::table! { arm_counts (study_id, item_id, code) { study_id -> Binary, item_id -> Binary, code -> Text, given -> BigInt, } }
diesel::table! { experts (id) { id -> Binary, study_id -> Binary, name -> Text, may_comment -> Bool, token_hash -> Binary, asked_by -> Binary, asked_at -> BigInt, until -> Date, ended_at -> Nullable<BigInt>, verdict -> Text, verdict_at -> Nullable<BigInt>, } }
diesel::table! { comments (id) { id -> Binary, study_id -> Binary, item_id -> Binary, root_id -> Nullable<Binary>, expert_id -> Nullable<Binary>, user_id -> Nullable<Binary>, weight -> Text, body -> Text, wording -> Text, written_at -> BigInt, resolved_at -> Nullable<BigInt>, } }
diesel::table! { sign_offs (study_id, language) { study_id -> Binary, language -> Text, texts -> Text, signed_by -> Binary, signed_at -> BigInt, } }
diesel::table! { draft_states (id) { id -> Binary, questionnaire_id -> Binary, number -> BigInt, name -> Text, document -> Text, named_by -> Binary, named_at -> BigInt, } }
diesel::table! { draft_authors (study_id, user_id) { study_id -> Binary, user_id -> Binary, item_id -> Nullable<Binary>, seen_at -> BigInt, } }
diesel::table! { blocks (id) { id -> Binary, unit_id -> Binary, name -> Text, shape -> Text, languages -> Text, questions -> BigInt, words -> Text, number -> BigInt, changed_at -> BigInt, withdrawn_at -> Nullable<BigInt>, } }
diesel::table! { block_versions (block_id, number) { block_id -> Binary, number -> BigInt, block -> Text, study_id -> Nullable<Binary>, draft_number -> BigInt, version_number -> Nullable<BigInt>, note -> Text, made_by -> Binary, made_at -> BigInt, } }
diesel::table! { block_uses (id) { id -> Binary, study_id -> Binary, block_id -> Binary, number -> BigInt, made_by -> Binary, made_at -> BigInt, } }
diesel::table! { trial_links (study_id) { study_id -> Binary, id -> Binary, token_hash -> Binary, made_by -> Binary, made_at -> BigInt, until -> Date, } }
diesel::table! { trial_documents (study_id, number) { study_id -> Binary, number -> BigInt, document -> Text, } }
diesel::table! { trials (id) { id -> Binary, study_id -> Binary, link_id -> Binary, number -> BigInt, token_hash -> Binary, language -> Text, seed -> BigInt, began_on -> Date, began_at -> BigInt, ended_at -> Nullable<BigInt>, state -> Text, size -> BigInt, } }
diesel::table! { trial_steps (trial_id, sequence) { trial_id -> Binary, sequence -> BigInt, page_id -> Binary, content -> Binary, saved_at -> BigInt, } }

diesel::joinable!(roles -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(roles -> units (unit_id));
diesel::joinable!(questionnaires -> studies (study_id));
diesel::joinable!(versions -> questionnaires (questionnaire_id));
diesel::joinable!(response_links -> responses (response_id));
diesel::joinable!(response_files -> responses (response_id));
diesel::joinable!(cases -> sampled_units (sampled_unit_id));
diesel::joinable!(areas -> users (assignee_id));
diesel::joinable!(audit_entries -> users (user_id));
diesel::joinable!(comments -> users (user_id));
diesel::joinable!(comments -> experts (expert_id));
diesel::joinable!(outbox -> cases (case_id));
diesel::joinable!(sampled_units -> samples (sample_id));
diesel::joinable!(samples -> frames (frame_id));
diesel::joinable!(pooled_responses -> batches (batch_id));
diesel::joinable!(pooled_files -> pooled_responses (pooled_id));
diesel::allow_columns_to_appear_in_same_group_by_clause!(outbox::kind, cases::language);
diesel::allow_tables_to_appear_in_same_query!(
    units,
    users,
    roles,
    sessions,
    sign_in_links,
    account_letters,
    invited_people,
    second_factors,
    recovery_codes,
    attempts,
    audit_entries,
    studies,
    questionnaires,
    draft_edits,
    draft_authors,
    draft_states,
    versions,
    frames,
    frame_parts,
    samples,
    sampled_units,
    areas,
    comments,
    experts,
    sign_offs,
    blocks,
    block_versions,
    block_uses,
    trials,
    trial_steps,
    sample_entries,
    substitutions,
    cases,
    contact_details,
    suppressions,
    contacts,
    outcome_counts,
    outbox,
    responses,
    response_links,
    response_revisions,
    media,
    response_files,
    arm_counts,
    preparations,
    rounds,
    sealed_links,
    ended_marks,
    batches,
    pooled_responses,
    pooled_files,
    day_counts,
);
