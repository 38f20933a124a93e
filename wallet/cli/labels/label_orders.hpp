#pragma once

#include "market/state/label_records.hpp"
#include "wallet/cli/session.hpp"
#include "wallet/labels/label_items.hpp"
#include "wallet/labels/sealed_labels.hpp"
#include "wallet/sealed/batch_folder.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

/// What the commands about labels share. What the ledger says is proven; the text of a transaction
/// is as the node says and checked against what is proven. All of it throws a Failure.
namespace wallet::cli {

/// Each adds its commands to `millrace data annotate`.
void add_label_order_command(CLI::App& annotate, Session&);
void add_label_owner_commands(CLI::App& annotate, Session&);
void add_label_review_command(CLI::App& annotate, Session&);
void add_label_work_commands(CLI::App& annotate, Session&);
void add_label_arbiter_commands(CLI::App& annotate, Session&);
void add_prelabel_command(CLI::App& annotate, Session&);

/// Adds a command about the order that `options->order` names.
template <class Options, class Work>
CLI::App* add_order_command(CLI::App& annotate, Session& session,
                            const std::shared_ptr<Options>& options, const char* name,
                            const char* help, Work work)
{
    auto* app = annotate.add_subcommand(name, help);
    app->add_option("ORDER", options->order)->required();
    app->callback([=, &session] { work(session, *options); });
    return app;
}

market::LabelOrderId label_order_id_of(const std::string& text);
/// What --classes names, divided by commas.
std::vector<std::string> classes_in(const std::string& text);

market::LabelOrdered label_terms_of(const Session&, const market::LabelOrderId&);
/// `not_found` where this account has taken no seat.
market::LabelWork label_work_of(const Session&, const market::LabelOrderId&,
                                const ledger::Address& annotator);
std::string in_words(market::LabelWorkStatus);

/// One annotator's part in an order, proven.
struct ProvenWork {
    ledger::Address annotator;
    market::LabelWork work;
};
/// Everybody's: who that is, is what the node says; `unverified` where it leaves somebody out whose
/// work has not ended.
std::vector<ProvenWork> work_of(const Session&, const market::LabelOrderId&);

/// The labels that this work submitted: the very transaction.
market::LabelSubmit submission_of(const Session&, const market::LabelOrderId&,
                                  const market::LabelWork& work);
/// The keys that were handed over, in the order of the batches.
std::vector<market::WrappedKey> handed_keys_of(const Session&, const market::LabelWork& work);

/// What an arbiter handed to the owner, where one decided.
std::optional<market::LabelDecide> decision_of(const Session&, const market::LabelWork& work);

/// A batch on the disk with its key.
struct OpenBatch {
    BatchFolder folder;
    ledger::SecretKey key;
};
/// The items of an order that has these batches, in its order; `unverified` where they are not
/// those that it was made for.
std::vector<LabelItem> items_of(const market::LabelOrder&, std::vector<OpenBatch>& batches);

std::vector<std::string> names_of(const std::vector<LabelItem>& items);

/// The key to which labels and items are sealed to an account of this wallet.
ledger::X25519Key label_key(const ledger::SecretKey& account);

/// What an owner keeps of an order in the home: names and hashes of its items, and the gold.
struct LabelNotes {
    std::vector<LabelItem> items;
    std::vector<Label> gold;  ///< one or none for each item
};
void keep_notes(const Session&, const market::LabelOrder&, const LabelNotes&);
/// Of an order that another home made: without names, and with the gold of the table `gold`;
/// `not_found` where it has gold and there is none, `usage` where this is not it.
LabelNotes notes_of(const Session&, const market::LabelOrder&, const ledger::SecretKey& owner,
                    const std::string& gold);

/// Makes a folder that nobody else may look into, or takes one.
void make_folder(const std::filesystem::path& folder);
/// Calls `work` for each of them; what fails is told, and the last failure thrown when all had
/// their turn: one of them must not keep the others waiting.
template <class Item, class Work>
void for_each_of(const Session& session, const std::vector<Item>& items, Work&& work)
{
    std::optional<Failure> failed;
    for (const auto& item : items) {
        try {
            work(item);
        } catch (const Failure& failure) {
            session.note(failure.message);
            failed = failure;
        }
    }
    if (failed) throw *failed;
}

}  // namespace wallet::cli
