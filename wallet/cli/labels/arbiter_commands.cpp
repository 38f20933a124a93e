#include "ledger/crypto/address.hpp"
#include "ledger/sealing/batch_key.hpp"
#include "market/label_rows.hpp"
#include "market/state/data_records.hpp"
#include "wallet/cli/labels/label_orders.hpp"
#include "wallet/keys/private_files.hpp"

#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

struct ArbiterOptions {
    std::string order, annotator, out;
    std::uint32_t accepted = 0;
    bool is_unreadable = false;
    bool is_owner_right = false;
};

/// The owner has to name the arbiter's own key: with another the arbiter could read nothing, and
/// who would look as if in the wrong is the annotator.
void check_own_key(const market::LabelOrder& ordered, const ledger::X25519Key& box)
{
    if (ordered.arbiter_x25519 != ledger::x25519_public_key(box))
        fail(Fault::refused,
             "the order names a key that is not this account's: do not agree to it; "
             "where you did, let the time to decide pass, and all labels are paid");
}

/// Labels of one annotator, opened by who reads them: the order's owner or its arbiter.
ledger::Result<OpenedLabels> open_as_reader(const Session& session, const ArbiterOptions& options,
                                            const market::LabelOrdered& terms)
{
    const auto id = label_order_id_of(options.order);
    const auto annotator = session.address_of(options.annotator);
    const auto account = session.account();
    const bool is_arbiter = terms.ordered.arbiter == account.address;
    if (!is_arbiter && terms.owner != account.address)
        fail(Fault::refused, "labels are sealed to the order's owner and its arbiter alone");
    const auto submitted = submission_of(session, id, label_work_of(session, id, annotator));
    const auto box = label_key(session.unlock(account));
    if (is_arbiter) check_own_key(terms.ordered, box);
    return open_labels(submitted, annotator,
                       is_arbiter ? submitted.arbiter_wrap : submitted.owner_wrap, box,
                       terms.ordered);
}

/// Junk is nobody's mistake on the command line.
OpenedLabels opened_or_fail(ledger::Result<OpenedLabels> opened)
{
    if (!opened) fail(Fault::unverified, opened.error().detail);
    return std::move(*opened);
}

void labels(const Session& session, const ArbiterOptions& options)
{
    const auto terms = label_terms_of(session, label_order_id_of(options.order));
    const auto opened = opened_or_fail(open_as_reader(session, options, terms));
    must(write_new_private_file(options.out,
                                label_table(terms.ordered.classes, {}, opened.labels())));
    session.show({{"file", options.out}, {"items", opened.rows.size()}},
                 [&] { std::cout << "written  " << options.out << "\n"; });
}

void agree(Session& session, const ArbiterOptions& options)
{
    const auto id = label_order_id_of(options.order);
    const auto terms = label_terms_of(session, id);
    const auto& ordered = terms.ordered;
    const auto account = session.account();
    if (ordered.arbiter != account.address)
        fail(Fault::refused, "this account is not the arbiter of the order");
    const auto box = label_key(session.unlock(account));
    check_own_key(ordered, box);
    const auto info = market::label_arbiter_info(ordered.items_root, account.address);
    for (std::size_t i = 0; i < ordered.batches.size(); ++i) {
        const auto batch = session.record<market::Batch>({ordered.dataset, ordered.batches[i]});
        const auto key = ledger::sealing::unwrap(ordered.arbiter_wraps.at(i).view(), info, box);
        if (!batch || !key || ledger::public_key(*key) != batch->point)
            fail(Fault::unverified,
                 "the keys that the owner sealed to you do not open the batches");
    }
    session.confirm("Decide appeals about " + std::to_string(ordered.items) + " items, within " +
                    std::to_string(ordered.decide_s) + " s each, for " +
                    tokens(ordered.arbiter_fee) + "? Your silence pays every label.");
    session.transact(market::LabelAgree{id}, "agreed; seats can be taken now");
}

void decide(Session& session, const ArbiterOptions& options)
{
    const auto id = label_order_id_of(options.order);
    const auto terms = label_terms_of(session, id);
    const auto annotator = session.address_of(options.annotator);
    const auto reviewed = label_work_of(session, id, annotator).reviewed;
    auto opened = open_as_reader(session, options, terms);
    market::LabelDecide message{id, annotator, options.accepted, false, {}};
    if (options.is_unreadable) {
        if (opened) fail(Fault::refused, "the labels can be read: say --accept");
        message.accepted = reviewed;
    } else {
        const auto labels = opened_or_fail(std::move(opened));
        message.owner_pays = options.accepted > reviewed && !options.is_owner_right;
        message.owner_wrap = must(wrap_key(labels.key, market::label_submit_info(id, annotator),
                                           terms.ordered.owner_x25519, session.random()));
    }
    session.confirm("Decide that " + std::to_string(message.accepted) + " labels are paid, not " +
                    std::to_string(reviewed) + ", and that " +
                    (message.owner_pays ? "the owner" : "the annotator") + " pays the fee?");
    session.transact(message, "decided: " + std::to_string(message.accepted) + " labels are paid");
}

}  // namespace

void add_label_arbiter_commands(CLI::App& annotate, Session& session)
{
    auto options = std::make_shared<ArbiterOptions>();
    const auto add = [&](const char* name, const char* help, auto work) {
        auto* app = add_order_command(annotate, session, options, name, help, work);
        app->add_option("ANNOTATOR", options->annotator, "address or key name")->required();
        return app;
    };
    add("labels", "Owner or arbiter: open one annotator's labels",
        [](Session& s, const ArbiterOptions& o) { labels(s, o); })
        ->add_option("--out", options->out, "CSV file to write")
        ->required();
    auto* willing = annotate.add_subcommand("agree", "Arbiter: say that you will decide");
    willing->footer(
        "Seats can be taken from then on. Sees that the order names your own key, and that what "
        "is\n"
        "sealed to it opens the items.\n"
        "Example: millrace data annotate agree 0xORDER");
    willing->add_option("ORDER", options->order)->required();
    willing->callback([=, &session] { agree(session, *options); });
    auto* judge = add("decide", "Arbiter: say how many labels are to be paid", decide);
    judge->footer(
        "Look at the items (`items --as-arbiter`) and at the labels (`labels`) first. With "
        "--accept\n"
        "the owner is given the key of the labels; with --unreadable it was right to accept no\n"
        "more, as nobody can read them. After the time to decide all labels are paid.\n"
        "Example: millrace data annotate decide 0xORDER 0xANNOTATOR --accept 480");
    auto* count = judge->add_option("--accept", options->accepted,
                                    "labels; not fewer than the owner accepted");
    judge->add_flag("--blame-annotator", options->is_owner_right,
                    "the owner could not see so, as what was sealed to it is junk: it pays no fee");
    auto* junk = judge->add_flag("--unreadable", options->is_unreadable,
                                 "the labels do not open, or are not what was committed to");
    junk->excludes(count);
    judge->callback([=, &session] {
        if (count->count() + junk->count() == 0) fail(Fault::usage, "say --accept or --unreadable");
        decide(session, *options);
    });
}

}  // namespace wallet::cli
