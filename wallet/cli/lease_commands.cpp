#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/merkle.hpp"
#include "market/lease_voucher.hpp"
#include "wallet/cli/commands.hpp"
#include "wallet/cli/lease_terms.hpp"
#include "wallet/cli/node_lists.hpp"

#include <algorithm>
#include <iostream>
#include <memory>

namespace wallet::cli {
namespace {

namespace codec = ledger::codec;

constexpr std::size_t voucher_bytes = 64 * 1024;
constexpr std::size_t opening_bytes = 64 * 1024;

struct LeaseOptions {
    std::string lease, environment, initial, log, voucher, reason, bond, opening;
    std::uint64_t seconds = 0;
    std::uint64_t segment = 0;
};

/// Commits to the segments that the trainer has ended since the last time.
void checkpoint(Session& session, const LeaseOptions& options)
{
    const auto id = lease_id_of(options.lease);
    const auto lease = lease_of(session, id);
    const auto commitments = commitments_in(options.log);
    if (commitments.size() <= lease.segments)
        fail(Fault::refused, "the log has no segment that is not committed to");
    const auto message =
        checkpoint_of(session.unlock(session.account()), id, lease.segments, commitments);
    session.transact(message, "committed to segments " + std::to_string(message.seg_from) + " to " +
                                  std::to_string(message.seg_to - 1));
}

/// Money: whoever holds it can draw it.
void voucher(const Session& session, const LeaseOptions& options)
{
    const auto id = lease_id_of(options.lease);
    const auto lease = lease_of(session, id);
    const auto account = session.account();
    if (lease.tenant != account.address)
        fail(Fault::refused, "only the tenant of a lease signs its vouchers");
    const auto made = market::make_voucher(meter_of(session, id, lease), options.seconds);
    if (!made)
        fail(Fault::refused,
             "at most " + std::to_string(lease.most_s) + " seconds of this lease can be paid");
    const auto signature =
        ledger::sign(session.unlock(account), market::voucher_digest(*session.network(), *made));
    json document = codec::to_json(*made);
    document["signature"] = codec::to_json(signature);
    session.show(document, [&] { std::cout << document.dump() << "\n"; });
}

void claim(Session& session, const LeaseOptions& options)
{
    const auto bytes = read_input(options.voucher, voucher_bytes);
    const auto said = must(codec::parse_json(ledger::as_text(bytes)));
    market::LeaseClaim message;
    message.lease = lease_id_of(said.value("lease", std::string{}));
    const auto seconds = codec::parse_decimal(said.value("seconds", json{}).is_string()
                                                  ? said["seconds"].get<std::string>()
                                                  : said.value("seconds", json{}).dump());
    const auto signature = ledger::id_from_hex<ledger::Signature>(said.value("signature", ""));
    if (!seconds || !signature) fail(Fault::usage, options.voucher + " is no voucher of a lease");
    message.seconds = *seconds;
    message.signature = *signature;
    session.transact(message, "drawn for " + std::to_string(*seconds) + " s");
}

market::CloseReason reason_of(const std::string& name)
{
    const std::pair<const char*, market::CloseReason> names[] = {
        {"done", market::CloseReason::done},
        {"starved", market::CloseReason::starved},
        {"stalled", market::CloseReason::stalled},
        {"paid-out", market::CloseReason::paid_out},
        {"reclaimed", market::CloseReason::reclaimed}};
    for (const auto& [text, reason] : names)
        if (name == text) return reason;
    fail(Fault::usage, name + " is no reason");
}

/// Sends without showing it to a node first: what it tells must not be told where the ledger would
/// not take it.
void send_unseen(const Session& session, const market::Message& message, const KeyEntry& account,
                 const ledger::SecretKey& key, const std::string& what)
{
    const auto sent = session.send(message, account, key, Rehearsal::no);
    check_applied(sent);
    session.show(to_json(sent), [&] { std::cout << what << "\n"; });
}

market::Verification verification_of(const Session& session, const market::LeaseId& id)
{
    auto verification = session.record<market::Verification>(id);
    if (!verification) fail(Fault::not_found, "nobody has been drawn for this lease");
    return std::move(*verification);
}

/// The provider shows what it committed to for the segments that were reported.
void open_segments(const Session& session, const LeaseOptions& options)
{
    const auto id = lease_id_of(options.lease);
    const auto verification = verification_of(session, id);
    const auto commitments = commitments_in(options.log);
    const auto account = session.account();
    const auto key = session.unlock(account);
    market::VerifyReveal message{id, {}, {}};
    for (const auto& slot : verification.slots)
        if (slot.reported && !slot.opened)
            message.openings.push_back(opening_of(session, id, slot.segment, commitments, key));
    if (message.openings.empty())
        fail(Fault::refused, "there is nothing to show: no report waits for it");
    send_unseen(session, message, account, key,
                std::to_string(message.openings.size()) + " segments shown");
}

/// The tenant shows its decoys, once they need mislead nobody any more.
void show_decoys(const Session& session, const LeaseOptions& options)
{
    const auto id = lease_id_of(options.lease);
    const auto lease = lease_of(session, id);
    const auto verification = verification_of(session, id);
    const auto account = session.account();
    if (lease.tenant != account.address)
        fail(Fault::refused, "only the tenant has decoys; a provider names its --log");
    const auto order = order_of(session, lease.order);
    const bool all_reported = std::ranges::all_of(
        verification.slots, [](const market::VerifySlot& slot) { return slot.reported; });
    if (!all_reported && now_ms().value < lease.closed_ms + order.verify.window_s * 1000)
        fail(Fault::refused, "reports are still to come: decoys that are shown mislead nobody");
    const auto key = session.unlock(account);
    const market::VerifyReveal message{id, {}, decoys_of(key, order).planted};
    if (message.planted.empty()) fail(Fault::refused, "the order has no decoys");
    send_unseen(session, message, account, key,
                std::to_string(message.planted.size()) + " decoys shown");
}

void reveal_commitment(Session& session, const LeaseOptions& options)
{
    if (options.log.empty()) return show_decoys(session, options);
    open_segments(session, options);
}

void assign(Session& session, const LeaseOptions& options)
{
    const auto id = lease_id_of(options.lease);
    const auto lease = lease_of(session, id);
    if (!lease.is_checked())
        fail(Fault::refused, "the lease is not closed, or is over: the secret stays one");
    const auto account = session.account();
    const auto key = session.unlock(account);
    const market::VerifyAssign message{id, beacon_secret(key, order_of(session, lease.order))};
    send_unseen(session, message, account, key, "segments and verifiers are drawn");
}

/// The tenant has the opening of a segment from the provider.
void dispute_lease(Session& session, const LeaseOptions& options)
{
    const auto id = lease_id_of(options.lease);
    const auto bytes = read_input(options.opening, opening_bytes);
    const auto opening = must(
        codec::from_json<market::SegmentOpening>(must(codec::parse_json(ledger::as_text(bytes)))));
    session.confirm("Call a jury? The bond is lost where it finds what the provider committed to.");
    session.transact(market::DisputeOpen{id, opening, amount_of(options.bond, "--bond")},
                     "a jury is called");
}

/// What a provider gives its tenant, who may doubt it.
void opening(const Session& session, const LeaseOptions& options)
{
    const auto made =
        codec::to_json(opening_of(session, lease_id_of(options.lease), options.segment,
                                  commitments_in(options.log), session.unlock(session.account())));
    session.show(made, [&] { std::cout << made.dump() << "\n"; });
}

void show_lease(const Session& session, const std::string& lease)
{
    const auto found =
        must(session.client().get("/v1/leases/" + ledger::to_hex0x(lease_id_of(lease).view())));
    session.show(found, [&] { std::cout << found.dump(2) << "\n"; });
}

}  // namespace

void add_lease_commands(CLI::App& gpu, Session& session)
{
    auto options = std::make_shared<LeaseOptions>();
    const auto add = [&](const char* name, const char* help, auto work) {
        auto* app = gpu.add_subcommand(name, help);
        app->add_option("LEASE", options->lease)->required();
        app->callback([=, &session] { work(session, *options); });
        return app;
    };
    add("show", "A lease, with its verification",
        [](Session& s, const LeaseOptions& o) { show_lease(s, o.lease); });
    auto* start =
        add("start", "Provider: begin; time runs from here", [](Session& s, const LeaseOptions& o) {
            market::LeaseStart message;
            message.lease = lease_id_of(o.lease);
            if (!o.environment.empty())
                message.env_hash = id_of<ledger::Hash>(o.environment, "hash");
            if (!o.initial.empty()) message.initial = id_of<ledger::Hash>(o.initial, "commitment");
            s.transact(message, "started");
        });
    start->add_option("--environment", options->environment, "SHA-256 of what runs where");
    start->add_option("--initial", options->initial, "commitment before the first step");
    add("checkpoint", "Provider: commit to what the trainer's --log says", checkpoint)
        ->add_option("--log", options->log)
        ->required();
    auto* sign =
        add("voucher", "Tenant: pay for the time up to here; prints what the provider draws",
            [](Session& s, const LeaseOptions& o) { voucher(s, o); });
    sign->add_option("--seconds", options->seconds, "since the start, all together")->required();
    auto* draw = gpu.add_subcommand("claim", "Provider: draw what a voucher adds");
    draw->add_option("VOUCHER", options->voucher, "file, or - for stdin")->required();
    draw->callback([=, &session] { claim(session, *options); });
    add("reclaim", "Provider: give notice", [](Session& s, const LeaseOptions& o) {
        s.transact(market::LeaseReclaim{lease_id_of(o.lease)}, "notice is given");
    });
    auto* close = add("close", "End the time that is paid", [](Session& s, const LeaseOptions& o) {
        s.transact(market::LeaseClose{lease_id_of(o.lease), reason_of(o.reason)}, "closed");
    });
    close->add_option("--reason", options->reason, "done, starved, stalled, paid-out, reclaimed")
        ->default_val("done");
    add("assign", "Tenant: draw segments and verifiers", assign);
    add("reveal", "Provider: show what was committed to, once reported; tenant: its decoys",
        reveal_commitment)
        ->add_option("--log", options->log, "of the trainer: the provider's");
    auto* give = add("opening", "Provider: what it committed to for a segment, for the tenant",
                     [](Session& s, const LeaseOptions& o) { opening(s, o); });
    give->add_option("--segment", options->segment)->required();
    give->add_option("--log", options->log, "of the trainer")->required();
    auto* doubt = add("dispute", "Tenant: call a jury for a segment", dispute_lease);
    doubt->add_option("--opening", options->opening, "file that the provider gave")->required();
    doubt->add_option("--bond", options->bond, "tokens")->required();
    add("settle", "Do what is due with a lease that was closed",
        [](Session& s, const LeaseOptions& o) {
            s.transact(market::LeaseSettle{lease_id_of(o.lease)}, "settled as far as it is due");
        });
}

}  // namespace wallet::cli
