#pragma once

#include "ledger/base/result.hpp"
#include "ledger/codec/describe.hpp"

#include <array>
#include <string_view>

namespace market {

// Why a rule refuses a message. The numbers stand in receipts: add at the end, never reorder.
#define MILLRACE_REJECTIONS(X)          \
    X(none)                             \
    X(insufficient_funds)               \
    X(amount_is_zero)                   \
    X(recipient_is_zero)                \
    X(not_transferable)                 \
    X(wrong_signature)                  \
    X(authorization_not_yet_valid)      \
    X(authorization_expired)            \
    X(authorization_too_long)           \
    X(authorization_used)               \
    X(malformed_text)                   \
    X(too_many_entries)                 \
    X(bond_too_small)                   \
    X(not_a_host)                       \
    X(host_is_unbonding)                \
    X(host_not_unbonding)               \
    X(unbonding_not_over)               \
    X(claim_pending)                    \
    X(key_already_active)               \
    X(key_not_active)                   \
    X(last_key)                         \
    X(name_taken)                       \
    X(unknown_model)                    \
    X(not_the_owner)                    \
    X(version_not_next)                 \
    X(unknown_version)                  \
    X(version_yanked)                   \
    X(unknown_parent)                   \
    X(royalty_too_low)                  \
    X(royalties_too_high)               \
    X(lineage_too_deep)                 \
    X(split_too_large)                  \
    X(unknown_dataset)                  \
    X(dataset_without_shares)           \
    X(bad_price_sheet)                  \
    X(wrong_asset)                      \
    X(price_notice_too_short)           \
    X(unknown_alias_target)             \
    X(not_a_party)                      \
    X(stale_agreement)                  \
    X(agreement_in_the_past)            \
    X(share_too_large)                  \
    X(already_yanked)                   \
    X(bad_channel_terms)                \
    X(receiver_not_a_split)             \
    X(receiver_not_served)              \
    X(authorizer_not_a_key_of_the_host) \
    X(deposit_too_small)                \
    X(unknown_channel)                  \
    X(claim_not_above_the_last)         \
    X(claim_above_the_ceiling)          \
    X(ceiling_above_the_balance)        \
    X(authorizer_of_another_claim)      \
    X(uses_do_not_add_up)               \
    X(use_not_served)                   \
    X(uses_need_the_host)               \
    X(nothing_pending)                  \
    X(window_not_over)                  \
    X(receipt_of_another_ceiling)       \
    X(receipt_not_below_the_claim)      \
    X(receipt_does_not_overcharge)      \
    X(wrong_refund_nonce)               \
    X(above_what_is_free)               \
    X(no_withdrawal)                    \
    X(withdrawal_not_over)              \
    X(only_in_a_credit_network)         \
    X(not_an_issuer)                    \
    X(too_few_approvals)                \
    X(reference_used)                   \
    X(nothing_earned)                   \
    X(already_closed)                   \
    X(no_shares)                        \
    X(fee_not_covered)                  \
    X(key_is_zero)                      \
    X(duplicate_entry)                  \
    X(weight_is_zero)                   \
    X(data_share_without_data)          \
    X(price_out_of_order)               \
    X(price_too_far_ahead)              \
    X(no_samples)                       \
    X(unknown_alias)                    \
    X(reference_is_zero)                \
    X(supply_too_large)                 \
    X(period_not_over)                  \
    X(validators_by_authority)          \
    X(validators_by_stake)              \
    X(not_a_governor)                   \
    X(already_a_validator)              \
    X(not_a_validator)                  \
    X(malformed_key)                    \
    X(keys_not_distinct)                \
    X(key_used_before)                  \
    X(stake_not_in_units)               \
    X(power_too_small)                  \
    X(power_too_large)                  \
    X(too_many_validators)              \
    X(change_waiting)                   \
    X(no_change)                        \
    X(last_validator)                   \
    X(nothing_unbonding)                \
    X(validator_slashed)                \
    X(bad_evidence)                     \
    X(unknown_epoch)                    \
    X(evidence_too_old)                 \
    X(too_much_evidence)                \
    X(wrong_spender)                    \
    X(not_the_facilitator)              \
    X(above_what_is_permitted)          \
    X(malformed_chain)                  \
    X(link_not_of_the_chain)            \
    X(chain_below_the_last_claim)       \
    X(fee_below_the_hashing)            \
    X(dataset_closed)                   \
    X(table_not_whole)                  \
    X(device_enrolled)                  \
    X(unknown_device)                   \
    X(device_revoked)                   \
    X(malformed_batch)                  \
    X(batch_used)                       \
    X(batch_key_used)                   \
    X(shares_above_the_bytes)           \
    X(shares_above_the_quota)           \
    X(shares_too_many)                  \
    X(unknown_batch)                    \
    X(draw_not_known)                   \
    X(chunk_not_drawn)                  \
    X(already_shown)                    \
    X(leaf_not_of_the_batch)            \
    X(key_not_of_the_leaf)              \
    X(chunk_not_of_the_leaf)            \
    X(chunk_too_long)                   \
    X(unknown_offer)                    \
    X(offer_closed)                     \
    X(offer_full)                       \
    X(price_not_the_offers)             \
    X(window_out_of_bounds)             \
    X(malformed_wrap)                   \
    X(unknown_sale)                     \
    X(sale_not_funded)                  \
    X(sale_not_released)                \
    X(scalar_does_not_fit)              \
    X(no_dispute_bond)                  \
    X(unknown_order)                    \
    X(order_closed)                     \
    X(unknown_bid)                      \
    X(offer_expired)                    \
    X(order_expired)                    \
    X(own_order)                        \
    X(need_not_met)                     \
    X(rate_above_the_maximum)           \
    X(too_many_bids)                    \
    X(start_not_ahead)                  \
    X(reclaim_too_short)                \
    X(malformed_job)                    \
    X(malformed_profile)                \
    X(escrow_too_small)                 \
    X(expiry_out_of_bounds)             \
    X(not_to_be_ended)                  \
    X(unknown_lease)                    \
    X(lease_not_matched)                \
    X(lease_not_running)                \
    X(lease_not_closed)                 \
    X(lease_not_disputed)               \
    X(segments_not_next)                \
    X(segments_beyond_the_job)          \
    X(beyond_the_lease)                 \
    X(reason_does_not_hold)             \
    X(reclaim_given)                    \
    X(too_many_verifiers)               \
    X(already_a_verifier)               \
    X(not_a_verifier)                   \
    X(on_duty)                          \
    X(notice_not_over)                  \
    X(nothing_to_verify)                \
    X(secret_not_committed)             \
    X(already_assigned)                 \
    X(segment_not_assigned)             \
    X(already_reported)                 \
    X(not_yet_reported)                 \
    X(already_opened)                   \
    X(opening_not_committed)            \
    X(decoy_not_committed)              \
    X(reports_not_over)                 \
    X(unknown_segment)                  \
    X(jury_is_called)                   \
    X(not_a_juror)                      \
    X(already_committed)                \
    X(commits_over)                     \
    X(commits_not_over)                 \
    X(not_what_was_committed)           \
    X(already_revealed)                 \
    X(verifier_leaves)

enum class Rejection : std::uint8_t {
#define MILLRACE_NAME(name) name,
    MILLRACE_REJECTIONS(MILLRACE_NAME)
#undef MILLRACE_NAME
};

constexpr auto described_names(const Rejection*)
{
#define MILLRACE_NAME(name) #name,
    return std::to_array<std::string_view>({MILLRACE_REJECTIONS(MILLRACE_NAME)});
#undef MILLRACE_NAME
}

/// What a rule answers: nothing, or why it refused.
using Verdict = ledger::Result<void, Rejection>;

}  // namespace market
