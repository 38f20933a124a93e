#pragma once

#include "wallet/cli/labels/sample_plan.hpp"
#include "wallet/cli/labels/teachers.hpp"
#include "wallet/labels/prelabel.hpp"

#include <filesystem>
#include <string>
#include <vector>

/// What `annotate prelabel` writes and says.
namespace wallet::cli {

struct PrelabelRun {
    std::filesystem::path out;
    std::vector<std::string> classes;
    std::vector<Teacher> teachers;
    evaluation::CertificateRules rules;
    SamplePlan plan;
    std::vector<PoolItem> pool;
    std::vector<std::vector<std::size_t>> sample;
    std::vector<Label> people;
    ledger::Amount charged;      ///< with earlier runs, and what may have been
    ledger::Amount charged_now;  ///< by this one
};

/// Anew each time: auto.csv (labels, the hash of each item and who says so), queue.csv (for people,
/// what is most instructive first) and certificate.json. Throws.
void write_results(const PrelabelRun&, const Prelabelled&);

/// The items of the sample that people have not labelled and that no table asks for yet, into
/// verify.csv, or verify-2.csv and on where there is one: people write into these, so none is ever
/// written over. Without predictions, in the order of the items: who labels them must not know what
/// the teachers say. The file's name, empty where there is nothing to ask. Throws.
std::string ask_people(const PrelabelRun&);

/// What certificate.json holds: of the seed its SHA-256 alone, as the folder goes on using it.
json certificate_json(const PrelabelRun&, const Prelabelled&);
/// A line about what became of the answers with one predicted class.
std::string class_text(const PrelabelRun&, const Prelabelled&, std::size_t predicted);

}  // namespace wallet::cli
