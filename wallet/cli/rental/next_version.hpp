#pragma once

#include "wallet/cli/publication.hpp"
#include "wallet/cli/rental/holdout.hpp"
#include "wallet/cli/rental/tenant.hpp"

namespace wallet::cli {

struct NextVersionWords {
    std::string name;  ///< of the line; empty: nothing is published
    std::string class_names;
    VersionWords version;
    bool only_if_better = false;
};

/// `train --publish`: what was trained becomes the next version of one of the account's models.
///
/// Whoever made what it was made of earns with it. The model that training began with is looked up
/// by its content: somebody else's becomes a parent, at the least royalty that it asks for; one's
/// own hands on its own parents, and its datasets with half of the weight. Each batch that was
/// trained on adds its dataset by the bytes of it. What the words say stands instead.
class NextVersion {
public:
    /// Before anything is locked: what the ledger would refuse in the end is refused here.
    /// `batches` are the sealed ones that are trained on. Throws.
    NextVersion(const Session& session, const NextVersionWords& words, const std::string& base_file,
                const std::vector<std::filesystem::path>& batches);

    /// The terms that it will be published with, for people.
    std::string terms_text() const;

    /// Publishes `file`. `unverified` where the lease was not settled as honest work, `refused`
    /// where the model is worse than what training began with, or with --only-if-better not shown
    /// to be better.
    /// Said again after an interruption, it does what is missing. Throws.
    json publish(const std::string& file, const market::GpuOrder& order, const LeaseTenant& tenant,
                 const std::optional<Measured>& after, const std::optional<Gain>& gain) const;

private:
    void inherit(const inference::ModelSummary& base);
    void add_datasets(const std::vector<std::filesystem::path>& batches);
    void rehearse(const inference::ModelSummary& base) const;

    const Session& session_;
    const NextVersionWords& words_;
    ModelLine line_;
    market::ModelVersion terms_;  ///< but for what is known at the end
    std::string base_content_;
};

}  // namespace wallet::cli
