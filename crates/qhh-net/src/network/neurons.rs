//! Neurons in an order, kept as stretches of consecutive numbers: a population of any size takes one.

use std::ops::Range;

/// Numbers of neurons in the order they were named. Two are equal if they hold the same numbers in the same order.
///
/// # Examples
/// ```
/// # use qhh_net::Neurons;
/// let mut neurons = Neurons::from(2..5);
/// neurons.extend([9, 10]);
/// assert_eq!(neurons.iter().collect::<Vec<_>>(), [2, 3, 4, 9, 10]);
/// assert_eq!((neurons.len(), neurons.at(3)), (5, 9));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Neurons {
    /// Longest possible stretches, so that equal lists have equal ones.
    stretches: Vec<Stretch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    /// Place of the first neuron in the list.
    place: usize,
    first: usize,
    len: usize,
}

impl Neurons {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.stretches.last().map_or(0, |stretch| stretch.place + stretch.len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// Number of the neuron at a place of the list.
    ///
    /// # Panics
    /// If the list is not as long.
    #[inline]
    pub fn at(&self, place: usize) -> usize {
        let stretch = match self.stretches.as_slice() {
            [only] => only,
            several => &several[several.partition_point(|stretch| stretch.place <= place) - 1],
        };
        assert!(place - stretch.place < stretch.len, "place {place} of {} neurons", self.len());
        stretch.first + (place - stretch.place)
    }

    /// Numbers in their order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.stretches().flatten()
    }

    /// Stretches of consecutive numbers, each as long as possible, in their order.
    pub fn stretches(&self) -> impl Iterator<Item = Range<usize>> {
        self.stretches.iter().map(|stretch| stretch.first..stretch.first + stretch.len)
    }

    /// Whether any number lies in `range`.
    pub fn meets(&self, range: &Range<usize>) -> bool {
        self.stretches().any(|stretch| stretch.start < range.end && range.start < stretch.end)
    }

    /// Whether a neuron is among them.
    pub fn contains(&self, neuron: usize) -> bool {
        self.stretches().any(|stretch| stretch.contains(&neuron))
    }

    /// How often a neuron is among them.
    pub(crate) fn count(&self, neuron: usize) -> usize {
        self.stretches().filter(|stretch| stretch.contains(&neuron)).count()
    }

    /// Place of a neuron in a list that ascends; none if it is not there.
    pub fn place_in_ascending(&self, neuron: usize) -> Option<usize> {
        find(&self.stretches, neuron)
    }

    /// The greatest number; none of an empty list.
    pub fn greatest(&self) -> Option<usize> {
        self.stretches().map(|stretch| stretch.end - 1).max()
    }

    /// The same neurons, ascending and each once.
    #[must_use]
    pub fn ascending(&self) -> Self {
        let mut stretches: Vec<_> = self.stretches().collect();
        stretches.sort_unstable_by_key(|stretch| stretch.start);
        let mut neurons = Self::default();
        for stretch in stretches {
            let seen = neurons.stretches.last().map_or(0, |last| last.first + last.len);
            neurons.push(stretch.start.max(seen)..stretch.end);
        }
        neurons
    }

    /// Places by number, to be asked again and again.
    pub fn places(&self) -> Places {
        let mut by_number = self.stretches.clone();
        by_number.sort_unstable_by_key(|stretch| stretch.first);
        Places(by_number)
    }

    /// Stretches of places at which the list has neurons of another one, which ascends.
    pub(crate) fn places_of(&self, others: &Self) -> Vec<Range<usize>> {
        let mut places: Vec<Range<usize>> = Vec::new();
        for own in &self.stretches {
            let first = others.stretches.partition_point(|other| other.first + other.len <= own.first);
            let meets = |other: &&Stretch| other.first < own.first + own.len;
            for other in others.stretches[first..].iter().take_while(meets) {
                let start = own.first.max(other.first) - own.first + own.place;
                let end = (own.first + own.len).min(other.first + other.len) - own.first + own.place;
                match places.last_mut() {
                    Some(last) if last.end == start => last.end = end,
                    _ => places.push(start..end),
                }
            }
        }
        places
    }

    /// Puts a stretch of consecutive numbers behind.
    pub fn push(&mut self, range: Range<usize>) {
        let (place, len) = (self.len(), range.end.saturating_sub(range.start));
        match self.stretches.last_mut() {
            _ if len == 0 => {}
            Some(last) if last.first + last.len == range.start => last.len += len,
            _ => self.stretches.push(Stretch { place, first: range.start, len }),
        }
    }
}

/// Where in a list each neuron stands.
#[derive(Debug, Clone)]
pub struct Places(Vec<Stretch>);

impl Places {
    /// Place of a neuron; none if it is not in the list. Of a neuron that is there twice, either.
    #[inline]
    pub fn of(&self, neuron: usize) -> Option<usize> {
        find(&self.0, neuron)
    }
}

/// Place of a neuron, by stretches that ascend.
#[inline]
fn find(stretches: &[Stretch], neuron: usize) -> Option<usize> {
    let stretch = stretches[..stretches.partition_point(|stretch| stretch.first <= neuron)].last()?;
    let within = neuron - stretch.first;
    (within < stretch.len).then_some(stretch.place + within)
}

impl From<Range<usize>> for Neurons {
    fn from(range: Range<usize>) -> Self {
        let mut neurons = Self::default();
        neurons.push(range);
        neurons
    }
}

impl From<Vec<usize>> for Neurons {
    fn from(numbers: Vec<usize>) -> Self {
        numbers.into_iter().collect()
    }
}

impl FromIterator<usize> for Neurons {
    fn from_iter<I: IntoIterator<Item = usize>>(numbers: I) -> Self {
        let mut neurons = Self::default();
        neurons.extend(numbers);
        neurons
    }
}

impl FromIterator<Range<usize>> for Neurons {
    fn from_iter<I: IntoIterator<Item = Range<usize>>>(stretches: I) -> Self {
        let mut neurons = Self::default();
        stretches.into_iter().for_each(|stretch| neurons.push(stretch));
        neurons
    }
}

impl Extend<usize> for Neurons {
    fn extend<I: IntoIterator<Item = usize>>(&mut self, numbers: I) {
        numbers.into_iter().for_each(|number| self.push(number..number + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::Neurons;

    #[test]
    fn stretches_stand_for_the_list_they_came_from() {
        let list = [4, 5, 6, 1, 2, 0, 9];
        let neurons: Neurons = list.into_iter().collect();
        assert_eq!(neurons.iter().collect::<Vec<_>>(), list);
        assert_eq!(neurons.stretches().collect::<Vec<_>>(), [4..7, 1..3, 0..1, 9..10]);
        let places = neurons.places();
        for (place, number) in list.into_iter().enumerate() {
            assert_eq!((neurons.at(place), places.of(number)), (number, Some(place)));
        }
        assert_eq!((neurons.len(), places.of(3), places.of(10), neurons.greatest()), (7, None, None, Some(9)));
        assert_eq!(neurons.ascending(), [0..3, 4..7, 9..10].into_iter().collect());
        assert!(neurons.meets(&(2..4)) && !neurons.meets(&(7..9)) && neurons.contains(9) && !neurons.contains(3));
        assert_eq!(Neurons::from(3..3), Neurons::default());
    }

    #[test]
    fn overlapping_stretches_ascend_each_number_once() {
        let mut neurons = Neurons::from(2..8);
        neurons.push(3..5);
        neurons.push(7..9);
        assert_eq!(neurons.ascending(), Neurons::from(2..9));
    }
}
