//! Asks a built program for what each of its steps makes.
//!
//! In: one input as raw bytes. Out: the output of every step that is to be seen, and of the network. Never: compares.

use super::Trouble;
use super::program::{Program, last_words, stdout};
use std::io::{self, Read, Write};

/// What one inference made.
pub(crate) struct Trace {
    /// The numbers of steps, and what they made; a block that runs in strips shows its last step alone.
    pub(crate) steps: Vec<(usize, Vec<f32>)>,
    /// The outputs, in the network's order.
    pub(crate) outputs: Vec<Vec<f32>>,
}

impl Program {
    /// Infers once on the instruction set named `level`, and keeps everything.
    ///
    /// # Errors
    /// When the program does not answer.
    pub(crate) fn trace(&self, level: &str, input: &[u8]) -> Result<Trace, Trouble> {
        let (mut child, mut requests) = self.start(&["trace", level])?;
        // A program that ended early leaves its reason on standard error.
        let sent = requests.write_all(input);
        drop(requests);
        let received = receive(&mut io::BufReader::new(stdout(&mut child)), &self.outputs);
        match (sent, received) {
            (Ok(()), Ok(trace)) => {
                let _ = child.wait();
                Ok(trace)
            }
            _ => Err(Trouble::Run {
                output: last_words(child),
            }),
        }
    }
}

/// Reads steps up to the end mark, then outputs of these lengths.
fn receive(from: &mut impl Read, outputs: &[usize]) -> io::Result<Trace> {
    let mut steps = Vec::new();
    loop {
        let step = number(from)?;
        if step == u64::MAX {
            break;
        }
        let length = number(from)?;
        steps.push((at(step)?, numbers(from, at(length)?)?));
    }
    let outputs = outputs.iter().map(|length| numbers(from, *length));
    let outputs = outputs.collect::<io::Result<_>>()?;
    Ok(Trace { steps, outputs })
}

fn number(from: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

fn at(number: u64) -> io::Result<usize> {
    usize::try_from(number).map_err(|_| io::ErrorKind::InvalidData.into())
}

fn numbers(from: &mut impl Read, count: usize) -> io::Result<Vec<f32>> {
    let length = count.checked_mul(4).ok_or(io::ErrorKind::InvalidData)?;
    let mut bytes = Vec::new();
    // What does not come takes no room.
    from.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let words = bytes.as_chunks::<4>().0;
    Ok(words.iter().map(|b| f32::from_le_bytes(*b)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(parts: &[(u64, &[f32])], outputs: &[f32]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let floats = |bytes: &mut Vec<u8>, floats: &[f32]| {
            bytes.extend(floats.iter().flat_map(|x| x.to_le_bytes()));
        };
        for (step, data) in parts {
            bytes.extend(step.to_le_bytes());
            bytes.extend((data.len() as u64).to_le_bytes());
            floats(&mut bytes, data);
        }
        bytes.extend(u64::MAX.to_le_bytes());
        floats(&mut bytes, outputs);
        bytes
    }

    #[test]
    fn steps_come_before_outputs() {
        let bytes = message(&[(0, &[1.0, 2.0]), (3, &[])], &[5.0, 6.0, 7.0]);
        let trace = receive(&mut &bytes[..], &[1, 2]).expect("it is whole");
        assert_eq!(trace.steps, [(0, vec![1.0, 2.0]), (3, vec![])]);
        assert_eq!(trace.outputs, [vec![5.0], vec![6.0, 7.0]]);
    }

    #[test]
    fn what_ends_early_is_no_trace() {
        let bytes = message(&[(0, &[1.0, 2.0])], &[5.0]);
        for end in 0..bytes.len() {
            assert!(receive(&mut &bytes[..end], &[1]).is_err(), "{end}");
        }
        let endless = [0_u64.to_le_bytes(), (1_u64 << 60).to_le_bytes()].concat();
        assert!(receive(&mut &endless[..], &[]).is_err());
    }
}
