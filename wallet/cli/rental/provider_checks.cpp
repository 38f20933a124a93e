#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/cli/rental/provider.hpp"
#include "wallet/client/channel_folder.hpp"
#include "wallet/rental/state_right.hpp"

#include <algorithm>

/// What a provider does once its lease is closed: it gives the result, shows what it committed to,
/// and lets others execute it again.
namespace wallet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t between_checks_ms = 2'000;

}  // namespace

/// The newest state that is committed to, with what proves that, for the tenant.
void LeaseProvider::bring_result()
{
    const auto tenant = meeting_.key_of(lease_.tenant);
    if (lease_.segments == 0 || !tenant) return;
    const auto last = lease_.segments - 1;
    if (brought_ == last) return;
    const auto opening = path("opening.json");
    must(replace_private_file(
        opening, ledger::codec::to_json(
                     opening_of(party_.session, rental_.lease, last, commitments(), party_.key))
                         .dump() +
                     "\n"));
    auto batch = seal_once(
        party_,
        {item_of(state_of(last), rental::state_item), item_of(opening, rental::opening_item)},
        *tenant, path(("result-" + std::to_string(last)).c_str()));
    must(meeting_.bring(batch, rental::BatchUse::result, last, *tenant, show_progress));
    brought_ = last;
}

/// What the ledger asks of this side first: then what others ask of it.
void LeaseProvider::check()
{
    suspend();
    claim(true);
    const auto now = now_ms().value;
    if (now >= asked_ms_ + between_checks_ms) {
        asked_ms_ = now;
        reveal();
        try_settle(party_, rental_.lease);
    }
    attempt_("the result", [&] { bring_result(); });
    serve_requests();
}

void LeaseProvider::serve_requests()
{
    std::vector<std::pair<ledger::Address, rental::RequestNote>> open;
    for (const auto& [who, wanted] : requests_)
        for (const auto& [segment, request] : wanted)
            if (!served_.contains({who, segment})) open.emplace_back(who, request);
    if (open.empty()) return;
    const auto verification = party_.session.record<market::Verification>(rental_.lease);
    const auto dispute = party_.session.record<market::LeaseDispute>(rental_.lease);
    for (const auto& [who, request] : open)
        if (rental::may_have_state(who, request.segment, verification, dispute))
            attempt_("a verifier's state", [&] { serve(who, request); });
}

void LeaseProvider::serve(const ledger::Address& who, const rental::RequestNote& request)
{
    if (!open()) return;
    if (request.segment != 0) {
        const auto state = state_of(request.segment - 1);
        std::error_code ignored;
        if (!fs::exists(state, ignored)) return;
        const auto name =
            "state-" + std::to_string(request.segment) + "-" + ledger::to_hex(request.key.view());
        auto batch = seal_once(party_, {item_of(state, rental::state_item)}, request.key,
                               path(name.c_str()));
        must(meeting_.bring(batch, rental::BatchUse::state, request.segment, request.key,
                            show_progress));
    }
    must(meeting_.give(request.key, job_->keys(), party_.session.random()));
    served_.insert({who, request.segment});
}

void LeaseProvider::reveal()
{
    const auto verification = party_.session.record<market::Verification>(rental_.lease);
    if (!verification) return;
    const bool all = std::ranges::all_of(
        verification->slots, [](const market::VerifySlot& slot) { return slot.reported; });
    if (!all && now_ms().value < lease_.closed_ms + order_.verify.window_s * 1'000) return;
    const auto done = commitments();
    market::VerifyReveal message{rental_.lease, {}, {}};
    for (const auto& slot : verification->slots)
        if (slot.reported && !slot.opened)
            message.openings.push_back(
                opening_of(party_.session, rental_.lease, slot.segment, done, party_.key));
    if (!message.openings.empty()) try_send(party_, message, Rehearsal::no);
}

}  // namespace wallet::cli
