#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "market/label_rows.hpp"
#include "market/rules/label_rules.hpp"
#include "market/state/data_records.hpp"
#include "wallet/cli/datasets.hpp"
#include "wallet/cli/labels/label_orders.hpp"
#include "wallet/cli/node_lists.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/labels/gold.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <set>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

struct OrderOptions {
    std::string dataset, master, classes, question, price, bond = "0", fee = "0", gold, only;
    std::string arbiter, arbiter_key;
    std::vector<std::string> batches, annotators;
    std::uint32_t seats = 2, gold_errors = 0;
    std::uint64_t open_s = 86'400, work_s = 86'400, review_s = 86'400, appeal_s = 86'400,
                  decide_s = 172'800;
};

/// The batches with these roots, as the ledger has them: their keys are what annotators get.
std::vector<market::BatchRef> refs_of(const Session& session, const market::DatasetId& dataset,
                                      const std::vector<OpenBatch>& batches)
{
    const auto listed = all_items(
        session, "/v1/datasets/" + ledger::to_hex0x(dataset.view()) + "/batches?limit=100");
    std::vector<market::BatchRef> refs;
    for (const auto& batch : batches) {
        const auto summary = batch.folder.manifest().summary();
        const auto root = ledger::to_hex0x(summary.root.view());
        const auto item = std::find_if(listed.begin(), listed.end(), [&](const json& one) {
            return one.value("root", std::string{}) == root;
        });
        if (item == listed.end())
            fail(Fault::not_found, "batch " + root +
                                       " is not on the ledger: `millrace data contribute` puts "
                                       "it there");
        refs.push_back({must(codec::from_json<ledger::Address>(item->at("device"))),
                        item->at("batch").get<std::uint64_t>()});
        const auto proven = session.record<market::Batch>({dataset, refs.back()});
        if (!proven || proven->summary() != summary)
            fail(Fault::unverified, "the node names another batch for " + root);
    }
    return refs;
}

std::vector<OpenBatch> open_batches(const Session& session, const OrderOptions& options)
{
    const auto master = session.unlock_master(options.master);
    std::vector<OpenBatch> batches;
    for (const auto& path : options.batches) {
        auto folder = must(BatchFolder::open(path));
        auto key = must(folder.unwrap(master));
        batches.push_back({std::move(folder), std::move(key)});
    }
    return batches;
}

/// All files, and those that are to be labelled.
struct Chosen {
    ledger::Bytes picks;
    std::vector<LabelItem> items;
};
Chosen choose(const OrderOptions& options, std::vector<OpenBatch>& batches)
{
    std::vector<LabelItem> files;
    for (auto& batch : batches) {
        ProgressBar bar{"reading", batch.folder.manifest().bytes};
        auto more = must(list_items(batch.folder, batch.key, bar.teller()));
        files.insert(files.end(), std::make_move_iterator(more.begin()),
                     std::make_move_iterator(more.end()));
    }
    if (files.size() > most_label_files)
        fail(Fault::usage, std::to_string(files.size()) +
                               " files are more than an order can pick from (65536): name fewer "
                               "batches");
    Chosen chosen;
    if (!options.only.empty()) {
        const auto names = must(read_item_names(read_input(options.only, label_table_bytes)));
        chosen.picks = must(picks_of(files, {names.begin(), names.end()}));
    }
    chosen.items = must(picked(std::move(files), chosen.picks));
    if (chosen.items.size() > market::LabelLimits::items)
        fail(Fault::usage, std::to_string(chosen.items.size()) +
                               " items are more than one order has (8192): name some with --only");
    return chosen;
}

std::uint32_t fill_gold(const OrderOptions& options, const ledger::SecretKey& owner,
                        market::LabelOrder& order, LabelNotes& notes)
{
    notes.gold.resize(notes.items.size());
    if (options.gold.empty()) {
        if (options.gold_errors != 0) fail(Fault::usage, "--gold-errors wants --gold");
        return 0;
    }
    notes.gold = must(read_labels(read_input(options.gold, label_table_bytes), order.classes,
                                  notes.items.size(), names_of(notes.items)));
    const auto gold = make_gold(notes.gold, owner, order.items_root);
    order.gold = static_cast<std::uint32_t>(gold.labels.size());
    order.gold_root = gold.root();
    order.gold_errors = options.gold_errors;
    return order.gold;
}

void fill_arbiter(const Session& session, const OrderOptions& options,
                  const std::vector<OpenBatch>& batches, market::LabelOrder& order)
{
    order.arbiter = session.address_of(options.arbiter);
    order.arbiter_x25519 = id_of<ledger::X25519PublicKey>(options.arbiter_key, "key");
    order.arbiter_fee = amount_of(options.fee, "--arbiter-fee");
    const auto info = market::label_arbiter_info(order.items_root, order.arbiter);
    for (const auto& batch : batches)
        order.arbiter_wraps.push_back(
            must(wrap_key(batch.key, info, order.arbiter_x25519, session.random())));
}

void order(Session& session, const OrderOptions& options)
{
    const auto account = session.account();
    const auto owner = session.unlock(account);
    auto batches = open_batches(session, options);
    market::LabelOrder message;
    message.dataset = dataset_of(session, options.dataset);
    message.batches = refs_of(session, message.dataset, batches);
    auto chosen = choose(options, batches);
    message.picks = std::move(chosen.picks);
    message.items = static_cast<std::uint32_t>(chosen.items.size());
    message.items_root = root_of(chosen.items);
    message.classes = classes_in(options.classes);
    message.question = options.question;
    LabelNotes notes{std::move(chosen.items), {}};
    const auto gold = fill_gold(options, owner, message, notes);
    message.seats = options.seats;
    for (const auto& name : options.annotators)
        message.annotators.push_back(session.address_of(name));
    message.price = amount_of(options.price, "--price");
    message.bond = amount_of(options.bond, "--bond");
    message.owner_x25519 = ledger::x25519_public_key(label_key(owner));
    fill_arbiter(session, options, batches, message);
    message.open_s = options.open_s;
    message.work_s = options.work_s;
    message.review_s = options.review_s;
    message.appeal_s = options.appeal_s;
    message.decide_s = options.decide_s;

    const auto seat = market::seat_cost(message);
    const auto all = seat ? seat->times(message.seats) : seat;
    if (!all) fail(Fault::usage, "the price is beyond all money");
    std::uint64_t bytes = 0;
    for (const auto& batch : batches) bytes += batch.folder.manifest().bytes;
    session.confirm(
        "Have " + std::to_string(message.items) + " items labelled by " +
        std::to_string(message.seats) + ", " + std::to_string(gold) +
        " of them gold, for at most " + tokens(*all) + "?\n" +
        (message.annotators.empty() ? "ANYBODY who takes a seat" : "Whoever you invited") +
        " gets the keys of all " + bytes_text(bytes) + " of " + std::to_string(batches.size()) +
        " batches, as does the arbiter: seal what is "
        "to be labelled as a batch of its own if others must not see the rest.");
    keep_notes(session, message, notes);
    session.transact(message,
                     "ordered; the order's id is this transaction's. It opens when its "
                     "arbiter agrees: millrace data annotate agree");
}

}  // namespace

void add_label_order_command(CLI::App& annotate, Session& session)
{
    auto options = std::make_shared<OrderOptions>();
    auto* app = annotate.add_subcommand("order", "Have items of your dataset labelled");
    app->footer(
        "The files of the batches are the items; --only FILE names some of them, as `prelabel`\n"
        "writes it; the keys that annotators get open all of them. Annotators label apart from one "
        "another, are paid for each label that is\n"
        "accepted, and appeal to the arbiter. Gold is what you know already: CSV with the columns\n"
        "item and label. The most that it can cost lies on the ledger until then.\n"
        "Example: millrace data annotate order leaves photos.batch --master farm \\\n"
        "           --classes healthy,rust,mildew --price 0.02 --arbiter judy --arbiter-key 0x…");
    app->add_option("DATASET", options->dataset, "0x id, or NAME of your own")->required();
    app->add_option("BATCH", options->batches, "folders of sealed batches of it")->required();
    app->add_option("--master", options->master, "name of your master key")->required();
    app->add_option("--classes", options->classes, "names, divided by commas")->required();
    app->add_option("--question", options->question, "what to look for");
    app->add_option("--only", options->only, "CSV with a column item: label these alone");
    app->add_option("--gold", options->gold, "CSV with item and label: what you know");
    app->add_option("--gold-errors", options->gold_errors,
                    "how many may differ from the gold before all of the work is void")
        ->capture_default_str();
    app->add_option("--price", options->price, "tokens for an accepted label")->required();
    app->add_option("--bond", options->bond, "tokens of an annotator, lost by silence or void work")
        ->capture_default_str();
    app->add_option("--seats", options->seats, "annotators of each item")
        ->check(CLI::Range(1, 16))
        ->capture_default_str();
    app->add_option("--annotator", options->annotators,
                    "address or key name; may be repeated; anybody when left out");
    app->add_option("--arbiter", options->arbiter, "address or key name")->required();
    app->add_option("--arbiter-key", options->arbiter_key,
                    "what `millrace data annotate key` shows the arbiter")
        ->required();
    app->add_option("--arbiter-fee", options->fee, "tokens of an appeal, from who is wrong")
        ->capture_default_str();
    const std::pair<const char*, std::uint64_t*> windows[] = {
        {"--open-for", &options->open_s},
        {"--work-for", &options->work_s},
        {"--review-within", &options->review_s},
        {"--appeal-within", &options->appeal_s},
        {"--decide-within", &options->decide_s}};
    for (const auto& [name, seconds] : windows)
        app->add_option(name, *seconds, "seconds")->capture_default_str();
    app->callback([=, &session] { order(session, *options); });
}

}  // namespace wallet::cli
