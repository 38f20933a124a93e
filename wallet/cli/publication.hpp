#pragma once

#include "market/state/records.hpp"
#include "wallet/cli/model_card.hpp"
#include "wallet/cli/session.hpp"
#include "wallet/cli/version_words.hpp"

namespace wallet::cli {

/// The account's models of one name, as the ledger has them.
struct ModelLine {
    market::ModelId model;
    std::optional<market::Model> record;          ///< empty: there is none yet
    std::optional<market::VersionRecord> newest;  ///< empty: no version
    market::Version next() const { return {record ? record->versions + 1 : 1}; }
};
/// The newest version of a line that has these bytes; asks for one after the other.
std::optional<market::VersionRecord> version_with(const Session& session, const ModelLine& line,
                                                  const market::ContentId& content);
/// The prices that a version has now, however often they were changed.
market::PriceSheet price_of(const Session& session, const market::VersionRecord& version);
/// Throws, also where the name is none.
ModelLine line_of(const Session& session, const ledger::Address& owner, const std::string& name);

/// The next version of a model of the account's, ready to be put on the ledger.
struct Publication {
    std::string name;
    market::ModelVersion version;  ///< but for model, number and the card's hash
    json card;
    std::string card_file;
    std::string description;                     ///< of the line, where it is new
    std::vector<market::ModelEval> evaluations;  ///< but for model and number
    std::string alias, alias_reason;             ///< no alias: empty
    std::string host;                            ///< nobody: empty
    std::uint32_t host_ppm = 0;
    std::string agreement_file;  ///< for the host's side, where its key is not here
};

/// What to do about weights that are published already.
enum class SameWeights {
    refuse,  ///< where the newest version has them
    go_on,   ///< with what is missing of the version that has them: something came between. Its
             ///< card stays, and an alias that was changed since is left alone
};

/// Registers the line where it is new, then version, evaluations, alias and agreement. Throws; what
/// was sent by then stays. Returns what `model publish` shows.
json publish(const Session& session, const Publication& publication,
             SameWeights same = SameWeights::refuse);

/// What a line of a new name is registered with.
market::ModelRegister line_registration(const std::string& name, const std::string& description);

/// For people.
void print_published(const json& document);

}  // namespace wallet::cli
