#include "market/lease_draw.hpp"
#include "market/rules/lasting.hpp"
#include "market/rules/lease_rules.hpp"
#include "market/rules/text.hpp"

#include <algorithm>

namespace market {
namespace {

Verdict check_job(const Context& context, const LeaseJob& job, VerifyTerms& verify)
{
    const auto& params = context.params().lease;
    if (job.kind == JobKind::raw) {
        VerifyTerms nothing;
        nothing.bond = verify.bond;
        LeaseJob none;
        none.kind = JobKind::raw;
        return job == none && verify == nothing ? Verdict{} : Rejection::malformed_job;
    }
    if (job.graph.is_zero() || job.segment_steps == 0 || job.total_steps == 0)
        return Rejection::malformed_job;
    if (verify.samples < params.samples || verify.samples > LeaseLimits::samples ||
        verify.planted > LeaseLimits::planted)
        return Rejection::too_many_entries;
    if ((verify.planted == 0) != verify.planted_root.is_zero()) return Rejection::malformed_job;
    if (!valid_name(verify.arch_class)) return Rejection::malformed_text;
    if (verify.fee.is_zero()) return Rejection::amount_is_zero;
    if (verify.window_s == 0) verify.window_s = params.window_s;
    if (verify.window_s < params.window_s ||
        verify.window_s > std::max(params.window_s, LeaseLimits::longest_s))
        return Rejection::window_out_of_bounds;
    return {};
}

}  // namespace

std::uint64_t job_segments(const LeaseJob& job)
{
    if (job.segment_steps == 0) return 0;
    return job.total_steps / job.segment_steps + (job.total_steps % job.segment_steps == 0 ? 0 : 1);
}

Verdict apply(State& state, const Context& context, const GpuOrder& message)
{
    for (const auto* text : {&message.need.model, &message.need.region})
        if (!valid_text(*text, TextLimits::name)) return Rejection::malformed_text;
    GpuOrderRecord record{message, context.sender, GpuOrderStatus::ordered, 0, {}, context.now_ms(),
                          0};
    if (const auto good = check_job(context, message.job, record.ordered.verify); !good)
        return good;
    if (record.is_job() == message.beacon_commit.is_zero()) return Rejection::malformed_job;
    if (!message.board.empty() && !valid_endpoint(message.board)) return Rejection::malformed_text;
    if (message.max_rate.is_zero() || message.escrow.is_zero()) return Rejection::amount_is_zero;
    if (message.reclaim_s > LeaseLimits::longest_s) return Rejection::window_out_of_bounds;
    if (const auto good = check_expiry(context, message.expires); !good) return good;
    const auto fees = message.verify.fee.times(message.verify.samples);
    const auto held = fees ? message.escrow.plus(*fees) : std::nullopt;
    if (!held) return Rejection::insufficient_funds;

    if (const auto paid = debit(state, context.sender, *held); !paid) return paid;
    const auto id = ledger::retag<GpuOrderId>(context.tx);
    if (const auto put = put_lasting(state, context, id, record); !put) return put;
    context.emit(EventKind::ordered, context.sender, *held, ledger::retag<Hash>(id));
    return {};
}

}  // namespace market
