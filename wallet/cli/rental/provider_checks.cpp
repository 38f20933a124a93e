#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "wallet/cli/progress.hpp"
#include "wallet/cli/rental/provider.hpp"
#include "wallet/client/channel_folder.hpp"
#include "wallet/sealed/seal_items.hpp"

#include <algorithm>

/// What a provider does once its lease is closed: it gives the result, shows what it committed to,
/// and lets others execute it again.
namespace wallet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t between_tries_ms = 2'000;

}  // namespace

BatchFolder LeaseProvider::sealed(const fs::path& folder,
                                  const std::vector<std::pair<fs::path, std::string>>& files,
                                  const ledger::X25519PublicKey& to) const
{
    std::error_code ignored;
    if (!fs::exists(folder, ignored)) {
        SealRequest request;
        for (const auto& [file, name] : files)
            request.items.push_back({file, name, fs::file_size(file)});
        request.dataset = rental::lease_dataset();
        request.masters = {to};
        request.folder = folder;
        must(seal_items(request, party_.session.random(), [](std::uint64_t) {}));
    }
    return must(BatchFolder::open(folder));
}

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
    auto batch =
        sealed(path(("result-" + std::to_string(last)).c_str()),
               {{state_of(last), rental::state_item}, {opening, rental::opening_item}}, *tenant);
    must(meeting_.bring(batch, rental::BatchUse::result, last, *tenant, show_progress));
    brought_ = last;
}

/// What the ledger asks of this side first: then what others ask of it.
void LeaseProvider::check()
{
    suspend();
    claim(true);
    const auto now = now_ms().value;
    if (now >= asked_ms_ + between_tries_ms) {
        asked_ms_ = now;
        reveal();
        try_settle(party_, rental_.lease);
    }
    attempt_("the result", [&] { bring_result(); });
    for (const auto& [who, wanted] : requests_)
        for (const auto& [segment, request] : wanted)
            if (!served_.contains({who, segment}) && may_have(who, segment))
                attempt_("a verifier's state", [&] { serve(who, request); });
}

/// A verifier gets the state before a segment only once it has said what the one before gave: that
/// state is what it should have come to itself.
bool LeaseProvider::may_have(const ledger::Address& who, std::uint64_t segment) const
{
    const auto dispute = party_.session.record<market::LeaseDispute>(rental_.lease);
    if (dispute && dispute->segment == segment &&
        std::ranges::any_of(dispute->jurors,
                            [&](const market::Juror& juror) { return juror.account == who; }))
        return true;
    const auto verification = party_.session.record<market::Verification>(rental_.lease);
    if (!verification) return false;
    bool is_drawn = false;
    for (const auto& slot : verification->slots) {
        if (slot.verifier != who) continue;
        if (slot.segment + 1 == segment && !slot.reported) return false;
        is_drawn |= slot.segment == segment;
    }
    return is_drawn;
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
        auto batch = sealed(path(name.c_str()), {{state, rental::state_item}}, request.key);
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
