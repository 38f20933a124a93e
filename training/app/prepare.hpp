#pragma once

#include "training/app/train_options.hpp"
#include "training/session/session.hpp"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace training {

/// A training about to begin, and what it is done with.
struct Prepared {
    Recipe recipe;
    std::shared_ptr<const samples::Source> samples;
    std::shared_ptr<const samples::Source> validation;  ///< null where nothing is measured
    std::unique_ptr<Session> session;
};

/// Where the options ask for it, leaves this process only the files that they and `read` name, and
/// the folders of `written` and the folder `segments`, which are made. `denied` where such a folder
/// holds anything else. Says on `error` what the kernel cannot hold back.
ledger::Result<void> confine(const JobOptions& options, const std::vector<std::string>& read,
                             const std::vector<std::string>& written, const std::string& segments,
                             std::ostream& error);

/// The same options with what their job file says in its place, where they name one. `io`;
/// `invalid` and `full` where the file is none.
ledger::Result<JobOptions> with_job_file(JobOptions options);

/// Reads model, recipe and samples. `invalid` where something does not fit, those of the disk and
/// of samples::open.
ledger::Result<Prepared> prepare(const JobOptions& options);

/// Writes the session's model and gives its content id in hex.
ledger::Result<std::string> write_model(Session& session, const std::string& path);

}  // namespace training
