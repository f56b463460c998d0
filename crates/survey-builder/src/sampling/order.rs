//! The order of a list before a draw goes through it: by columns, so that what is
//! alike stands together (implicit stratification).

use std::cmp::Ordering;

use super::frame::{Frame, Labels};
use super::listing::{List, Members};
use super::plan::Stage;
use super::problem::Problem;
use crate::problem::first_places;

/// Puts members into the order that the stage asks for; those that are the same
/// in all columns stay in the order of the frame.
pub(super) fn arrange(frame: &Frame, stage: &Stage, members: &mut Members<'_>) {
    let columns: Vec<Vec<f64>> = (stage.sort.iter())
        .filter_map(|column| frame.labels_of(column))
        .map(|labels| keys(labels, members))
        .collect();
    if columns.is_empty() {
        return;
    }
    let mut order: Vec<usize> = (0..members.len()).collect();
    if stage.serpentine {
        serpentine(&mut order, &columns, &mut vec![false; columns.len()]);
    } else {
        order.sort_by(|one, other| {
            let compared = columns.iter().map(|keys| keys[*one].total_cmp(&keys[*other]));
            compared.fold(Ordering::Equal, Ordering::then)
        });
    }
    members.reorder(&order);
}

/// What each member sorts by: a unit by its own value, a cluster by the mean of its
/// units'.
fn keys(labels: &Labels, members: &Members<'_>) -> Vec<f64> {
    members.means(|unit| labels.keys[labels.codes[unit as usize] as usize])
}

/// Sorts by the first column, and within each of its values by the others; each
/// column runs down after it has run up.
fn serpentine(order: &mut [usize], columns: &[Vec<f64>], down: &mut [bool]) {
    let (Some((keys, further)), Some((turned, turns))) =
        (columns.split_first(), down.split_first_mut())
    else {
        return;
    };
    if *turned {
        order.sort_by(|one, other| keys[*other].total_cmp(&keys[*one]));
    } else {
        order.sort_by(|one, other| keys[*one].total_cmp(&keys[*other]));
    }
    *turned = !*turned;
    if further.is_empty() {
        return;
    }
    for alike in order.chunk_by_mut(|one, other| keys[*one].total_cmp(&keys[*other]).is_eq()) {
        serpentine(alike, further, turns);
    }
}

/// Clusters whose units have several names in a column that the list is to be sorted
/// by: names have no mean.
pub(super) fn mixed(frame: &Frame, stage: &Stage, number: usize, list: &List<'_>) -> Vec<Problem> {
    let Members::Clusters(groups) = &list.members else { return Vec::new() };
    let columns = stage.sort.iter().filter_map(|column| Some((column, frame.labels_of(column)?)));
    columns
        .filter(|(_, labels)| !labels.numeric)
        .filter_map(|(column, labels)| {
            let code = |unit: &u32| labels.codes[*unit as usize];
            let several: Vec<&str> = (groups.iter())
                .filter(|group| group.units.iter().any(|unit| code(unit) != code(&group.units[0])))
                .map(|group| group.name)
                .collect();
            let (count, column) = (several.len(), column.clone());
            let first = first_places(several);
            (count > 0).then_some(Problem::PlanSortMixed { stage: number, column, count, first })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serpentine_turns_round_at_each_value() {
        let one = vec![1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0];
        let two = vec![3.0, 1.0, 2.0, 1.0, 2.0, 2.0, 5.0, 4.0];
        let three = vec![1.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0];
        let mut order: Vec<usize> = (0..8).collect();
        serpentine(&mut order, &[one, two, three], &mut [false; 3]);
        // Second column: 1 2 3 | 2 2 1 | 4 5; the third runs through the two alike
        // in the direction that it has by then.
        assert_eq!(order, [1, 2, 0, 4, 5, 3, 7, 6]);
    }
}
