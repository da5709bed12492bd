//! The scale that figures stand on: round steps, from zero, a little above the greatest figure.

/// Steps of an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    /// Where it begins, a multiple of the step, in thousandths.
    pub(super) least: i64,
    /// Where it ends, a multiple of the step, in thousandths.
    pub(super) most: i64,
    /// Between two lines, in thousandths.
    pub(super) step: i64,
}

/// More lines than this are a fence.
const LINES_MAX: i64 = 6;

impl Axis {
    /// One on which all of these (thousandths) find room. Zero is always on it: a bar that begins elsewhere misleads.
    pub(super) fn over(figures: impl Iterator<Item = i64>) -> Self {
        let (mut least, mut most) = (0, 0);
        for figure in figures {
            // Room for the arithmetic below.
            let figure = figure.clamp(i64::MIN / 16, i64::MAX / 16);
            (least, most) = (least.min(figure), most.max(figure));
        }
        let span = most - least;
        let mut step = if span >= 1_000 || span == 0 { 1_000 } else { 1 };
        // 1, 2, 5, 10, 20, 50, …
        for grow in [2, 5, 10].iter().cycle() {
            if span / step < LINES_MAX {
                break;
            }
            let base = leading(step);
            step = base * grow;
        }
        let up = |figure: i64| figure.div_euclid(step) + i64::from(figure.rem_euclid(step) != 0);
        Self { least: least.div_euclid(step) * step, most: (up(most) * step).max(step), step }
    }

    /// Every line, least first.
    pub(super) fn lines(self) -> impl Iterator<Item = i64> {
        let count = (self.most - self.least) / self.step;
        (0..=count).map(move |no| self.least + no * self.step)
    }

    /// How far up a figure stands, 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a place in a picture")]
    pub(super) fn share(self, figure: i64) -> f64 {
        let figure = figure.clamp(self.least, self.most);
        (figure - self.least) as f64 / (self.most - self.least) as f64
    }
}

/// The power of ten that a step of 1, 2, 5, 10, … was made of.
fn leading(step: i64) -> i64 {
    let mut base = 1;
    while base * 10 <= step {
        base *= 10;
    }
    base
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn steps_are_round_and_zero_is_on_the_axis() {
        let of = |figures: &[i64]| Axis::over(figures.iter().copied());
        assert_eq!(of(&[]), Axis { least: 0, most: 1_000, step: 1_000 });
        assert_eq!(of(&[1_000, 3_000]), Axis { least: 0, most: 3_000, step: 1_000 });
        assert_eq!(of(&[17_000]), Axis { least: 0, most: 20_000, step: 5_000 });
        assert_eq!(of(&[-2_500, 1_000]), Axis { least: -3_000, most: 1_000, step: 1_000 });
        assert_eq!(of(&[250]), Axis { least: 0, most: 250, step: 50 });
        assert_eq!(of(&[1_234_567_000]).step, 500_000_000);
    }

    proptest! {
        #[test]
        fn every_figure_has_its_place(figures in prop::collection::vec(any::<i64>(), 0..20)) {
            let axis = Axis::over(figures.iter().copied());
            prop_assert!(axis.least <= 0 && axis.most >= 0 && axis.step > 0);
            let lines = axis.lines().count();
            prop_assert!((2..=9).contains(&lines), "{lines} lines on {axis:?}");
            for figure in figures {
                prop_assert!((0.0..=1.0).contains(&axis.share(figure)));
            }
        }
    }
}
