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
/// by its content. Where that is a version of the line, or another of the account's, its parents
/// are repeated and its datasets keep half of the weight; where it is somebody else's it becomes a
/// parent, at the least royalty that its owner asks for. Each batch that was trained on adds its
/// dataset by the bytes of it. What the words say stands instead. Made anew at the end: others may
/// have published meanwhile.
class NextVersion {
public:
    /// `batches` are the sealed ones that are trained on. Throws where the words make no sense.
    NextVersion(const Session& session, const NextVersionWords& words, const std::string& base_file,
                const std::vector<std::filesystem::path>& batches);

    /// Before anything is locked: registers the line where it is new, and lets the node rehearse
    /// what will be sent at the end. `refused` with the ledger's reason.
    void rehearse() const;

    /// The terms that it will be published with, for people.
    std::string terms_text() const;

    /// Publishes `file`. `unverified` where others have not found the work to be what it should be,
    /// `refused` where the lease ended before the training, where the model is worse than what
    /// training began with, or with --only-if-better not shown to be better. Said again after an
    /// interruption, it does what is missing. Throws.
    json publish(const std::string& file, const market::GpuOrder& order, const LeaseTenant& tenant,
                 const std::optional<Measured>& after, const std::optional<Gain>& gain) const;

private:
    void inherit();
    void hand_on(const market::ModelVersion& own);
    void add_datasets(const std::vector<std::filesystem::path>& batches);
    json card(const inference::ModelSummary& made, const std::optional<Measured>& after,
              std::string semver, const market::GpuOrder& order, const LeaseTenant& tenant) const;

    const Session& session_;
    const NextVersionWords& words_;
    inference::ModelSummary base_;
    ModelLine line_;
    market::ModelVersion terms_;  ///< but for what is known at the end
    bool is_base_known_ = false;
};

}  // namespace wallet::cli
