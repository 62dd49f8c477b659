//! The memory that a run takes on cases of other shapes: logs in an archive, thousands of files or
//! machines, attempts spread over years, records as large as there can be.

use std::{fs, slice};

use crate::rows::Rows;

/// UTF-16 units of a name that fills a record.
const UNITS: usize = 25_000;

impl Rows {
    /// The most memory that a run needs on each.
    pub(crate) fn shapes(&self) {
        let inputs = &self.inputs;
        let dense = inputs.forged("dense", self.scaled(8), |_| true);
        let zip = inputs.zipped("dense", &dense);
        self.peak("peak memory, logs in a zip", &[zip]);
        self.peak("peak memory, the same logs in files", &dense);

        let folder = inputs.copies(&inputs.one_record(), self.scaled(20_000));
        self.peak("peak memory, 20,000 small logs", slice::from_ref(&folder));
        fs::remove_dir_all(folder).unwrap();

        let years = inputs.forged("years", 1, |_| true);
        self.peak("peak memory, 90,000 attempts in years", &years);
        let machines = inputs.forged("machines", 1, |_| true);
        self.peak("peak memory, 1,000 machines", &machines);

        let long = "A".repeat(UNITS);
        let huge = inputs.forged_as("huge", |text| text.replace("LONG", &long), 1, |_| true);
        self.peak("peak memory, 12,000 records of 50 KB", &huge);
        huge.iter().for_each(|log| fs::remove_file(log).unwrap());
    }
}
