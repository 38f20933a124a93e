#pragma once

#include "evaluation/report/report.hpp"
#include "wallet/cli/session.hpp"

namespace wallet::cli {

/// In millionths, where the ledger can hold it.
std::optional<std::uint64_t> millionths(double value);

/// One for each metric that has a value of 0 or more, but for model and number of the version.
/// `suite_hash` is the hash of the report's suite, `env_hash` that of the report itself, and so of
/// all that it says of data, engine and evaluator.
std::vector<market::ModelEval> evaluations_of(const evaluation::Report& report,
                                              const market::DatasetId& dataset);

/// A version on the ledger that a report is registered for.
class EvaluationTarget {
public:
    /// `version` is MODEL@VERSION, as models are named; `dataset` as datasets are, or empty. Asks
    /// the node and for the passphrase at once, so that nobody waits for a measurement that cannot
    /// be sent. Throws where the version has another content than `content_id`.
    EvaluationTarget(const Session& session, const std::string& version,
                     const inference::ContentId& content_id, const std::string& dataset);

    const ledger::Address& evaluator() const { return account_.address; }

    /// Its `evaluations_of`; throws. Returns {"model","ver","transactions":[...]}.
    json send(const evaluation::Report& report) const;

private:
    const Session& session_;
    KeyEntry account_;
    std::optional<ledger::SecretKey> key_;
    market::ModelId model_;
    market::Version ver_;
    market::DatasetId dataset_;
};

}  // namespace wallet::cli
