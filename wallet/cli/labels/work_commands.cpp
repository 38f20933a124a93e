#include "ledger/base/hex.hpp"
#include "ledger/crypto/address.hpp"
#include "ledger/sealing/batch_key.hpp"
#include "market/label_rows.hpp"
#include "market/state/data_records.hpp"
#include "wallet/batches/fetch_batch.hpp"
#include "wallet/cli/labels/label_orders.hpp"
#include "wallet/cli/long_run.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/keys/private_files.hpp"
#include "wallet/sealed/extract.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace fs = std::filesystem;

struct LabelWorkOptions {
    std::string order, out, labels;
    std::vector<std::string> from;
    bool as_arbiter = false;
};

/// The batches of an order as the ledger has them.
std::vector<market::Batch> batches_of(const Session& session, const market::LabelOrder& ordered)
{
    std::vector<market::Batch> batches;
    for (const auto& ref : ordered.batches) {
        auto batch = session.record<market::Batch>({ordered.dataset, ref});
        if (!batch) fail(Fault::unverified, "a batch of the order is not on the ledger");
        batches.push_back(std::move(*batch));
    }
    return batches;
}

/// The keys of the batches, as the owner sealed them to this account.
std::vector<ledger::SecretKey> keys_for(const Session& session, const market::LabelOrderId& id,
                                        const market::LabelOrder& ordered,
                                        const std::vector<market::Batch>& batches, bool as_arbiter)
{
    const auto account = session.account();
    if (as_arbiter && ordered.arbiter != account.address)
        fail(Fault::refused, "this account is not the arbiter of the order");
    const auto wraps = as_arbiter
                           ? ordered.arbiter_wraps
                           : handed_keys_of(session, label_work_of(session, id, account.address));
    const auto info = as_arbiter ? market::label_arbiter_info(ordered.items_root, account.address)
                                 : market::label_hand_info(id, account.address);
    const auto box = label_key(session.unlock(account));
    std::vector<ledger::SecretKey> keys;
    for (std::size_t i = 0; i < wraps.size() && i < batches.size(); ++i) {
        auto key = ledger::sealing::unwrap(wraps[i].view(), info, box);
        if (!key || ledger::public_key(*key) != batches[i].point)
            fail(
                Fault::unverified,
                "what the owner handed over is not the key of batch " + std::to_string(i) +
                    (as_arbiter ? ": do not agree to this order, or decide against its owner"
                                : ": `millrace data annotate return`, soon, and the bond returns"));
        keys.push_back(std::move(*key));
    }
    return keys;
}

std::vector<OpenBatch> fetch_all(const Session& session, const LabelWorkOptions& options,
                                 const std::vector<market::Batch>& batches,
                                 std::vector<ledger::SecretKey> keys, const fs::path& to)
{
    auto urls = options.from;
    if (urls.empty()) urls.push_back(session.settings.node);
    std::vector<BatchClient> nodes;
    for (const auto& url : urls)
        nodes.emplace_back(must(parse_url(url)), HttpTrust{session.settings.authorities});
    std::vector<OpenBatch> open;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto folder = to / ledger::to_hex0x(batches[i].root.view());
        if (!fs::exists(folder))
            must(fetch_batch(nodes, must(manifest_of(nodes, batches[i].root)), folder, 0,
                             show_progress));
        open.push_back({must(BatchFolder::open(folder)), std::move(keys[i])});
    }
    return open;
}

/// A folder is of one order: labels of another must not be taken for its own.
void claim_folder(const fs::path& folder, const market::LabelOrderId& id)
{
    make_folder(folder);
    const auto file = folder / "order";
    const auto name = ledger::to_hex0x(id.view());
    if (!fs::exists(file)) return must(write_new_private_file(file, name));
    if (must(read_private_file(file, 100)) != name)
        fail(Fault::usage, folder.string() + " is of another order: name another folder");
}

/// Where files of several batches could have one name, each batch has a folder of its own.
std::vector<std::string> extract_all(std::vector<OpenBatch>& batches, const fs::path& to)
{
    std::vector<std::string> folders;
    for (std::size_t i = 0; i < batches.size(); ++i) {
        folders.push_back(batches.size() == 1 ? "items" : "items-" + std::to_string(i));
        if (fs::exists(to / folders.back())) continue;
        ProgressBar bar{"opening", batches[i].folder.manifest().bytes};
        must(extract(batches[i].folder, batches[i].key, to / folders.back(), bar.teller()));
    }
    return folders;
}

void items(const Session& session, const LabelWorkOptions& options)
{
    const auto id = label_order_id_of(options.order);
    const auto terms = label_terms_of(session, id);
    const auto on_ledger = batches_of(session, terms.ordered);
    auto keys = keys_for(session, id, terms.ordered, on_ledger, options.as_arbiter);
    const fs::path out{options.out};
    claim_folder(out, id);
    auto batches = fetch_all(session, options, on_ledger, std::move(keys), out / "sealed");
    const auto items = items_of(terms.ordered, batches);
    const auto folders = extract_all(batches, out);
    const auto table = out / "labels.csv";
    if (!fs::exists(table))
        must(write_new_private_file(table, label_table(terms.ordered.classes, names_of(items),
                                                       std::vector<Label>(items.size()))));
    session.show({{"items", items.size()},
                  {"folders", folders},
                  {"table", table.string()},
                  {"classes", terms.ordered.classes},
                  {"question", terms.ordered.question}},
                 [&] {
                     std::cout << "question  " << plain(terms.ordered.question) << "\nclasses  ";
                     for (const auto& name : terms.ordered.classes) std::cout << " " << plain(name);
                     std::cout << "\nitems     " << items.size() << ", below " << options.out
                               << "\nfill in   " << table.string()
                               << "\nthen      millrace data annotate submit " << options.order
                               << " " << table.string() << "\n";
                 });
}

void take(Session& session, const LabelWorkOptions& options)
{
    const auto id = label_order_id_of(options.order);
    const auto terms = label_terms_of(session, id);
    const auto& ordered = terms.ordered;
    std::uint64_t bytes = 0;
    for (const auto& batch : batches_of(session, ordered)) bytes += batch.bytes;
    const auto key = session.unlock(session.account());
    session.confirm("Label " + std::to_string(ordered.items) + " items (" + bytes_text(bytes) +
                    " to fetch) within " + std::to_string(ordered.work_s) +
                    " s of getting the keys, for " + tokens(ordered.price) +
                    " each that is accepted?\nThe bond of " + tokens(ordered.bond) +
                    " is lost by silence, and by labels that are found void, where " +
                    std::to_string(ordered.gold_errors) + " of " + std::to_string(ordered.gold) +
                    " known ones may be wrong.\n" + ledger::to_checksum(ordered.arbiter) +
                    " decides appeals, made within " + std::to_string(ordered.appeal_s) +
                    " s, for a fee of " + tokens(ordered.arbiter_fee) + " from who is wrong.");
    session.transact(
        market::LabelTake{id, ledger::x25519_public_key(label_key(key))},
        "taken; the owner has " + std::to_string(ordered.review_s) + " s to hand the keys over");
}

void submit(Session& session, const LabelWorkOptions& options)
{
    const auto id = label_order_id_of(options.order);
    const auto terms = label_terms_of(session, id);
    const auto account = session.account();
    const auto labels = must(read_labels(read_input(options.labels, label_table_bytes),
                                         terms.ordered.classes, terms.ordered.items, {}));
    const auto key = session.unlock(account);
    const auto message = must(
        seal_labels(labels, label_seed(key, id), id, account.address,
                    {terms.ordered.owner_x25519, terms.ordered.arbiter_x25519}, session.random()));
    session.confirm("Submit labels of " + std::to_string(message.labels) + " of " +
                    std::to_string(terms.ordered.items) + " items? They cannot be changed.");
    session.transact(message, std::to_string(message.labels) + " labels submitted");
}

}  // namespace

void add_label_work_commands(CLI::App& annotate, Session& session)
{
    auto options = std::make_shared<LabelWorkOptions>();
    const auto add = [&](const char* name, const char* help, auto work) {
        return add_order_command(annotate, session, options, name, help, work);
    };
    add("take", "Annotator: take a seat of an order", take);
    auto* see = add("items", "Annotator or arbiter: fetch and open what is to be labelled",
                    [](Session& s, const LabelWorkOptions& o) { items(s, o); });
    see->footer(
        "Writes the items and labels.csv, to be filled in; the same command goes on where it was\n"
        "stopped, and leaves a table that is there alone.\n"
        "Example: millrace data annotate items 0xORDER --out work");
    see->add_option("--out", options->out, "folder to write into")->required();
    see->add_option("--from", options->from, "a node that has the batches; may be repeated");
    see->add_flag("--as-arbiter", options->as_arbiter, "of an order that you decide in");
    add("return", "Annotator: give the seat back; early enough the bond returns",
        [](Session& s, const LabelWorkOptions& o) {
            s.transact(market::LabelReturn{label_order_id_of(o.order)}, "given back");
        });
    auto* give = add("submit", "Annotator: send the labels, sealed to owner and arbiter", submit);
    give->footer(
        "The table is CSV with the columns number, label and, if you like, confidence (0 to 100);\n"
        "an item without a label is not paid.\n"
        "Example: millrace data annotate submit 0xORDER work/labels.csv");
    give->add_option("LABELS", options->labels, "CSV, or - for stdin")->required();
    add("appeal", "Annotator: ask the arbiter about a review",
        [](Session& s, const LabelWorkOptions& o) {
            const auto id = label_order_id_of(o.order);
            const auto fee = label_terms_of(s, id).ordered.arbiter_fee;
            s.confirm("Appeal? It costs " + tokens(fee) +
                      " where the arbiter finds the owner right.");
            s.transact(market::LabelAppeal{id}, "appealed");
        });
}

}  // namespace wallet::cli
