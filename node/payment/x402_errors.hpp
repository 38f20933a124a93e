#pragma once

#include <string_view>

/// Reasons as the x402 packages (2.27) spell them, so that stock clients recognise them.
namespace node::x402 {

constexpr std::string_view header_required = "PAYMENT-SIGNATURE header is required";

// Scheme batch-settlement.
constexpr std::string_view cumulative_amount_mismatch =
    "invalid_batch_settlement_evm_cumulative_amount_mismatch";
constexpr std::string_view cumulative_below_claimed =
    "invalid_batch_settlement_evm_cumulative_below_claimed";
constexpr std::string_view cumulative_exceeds_balance =
    "invalid_batch_settlement_evm_cumulative_exceeds_balance";
constexpr std::string_view channel_busy = "invalid_batch_settlement_evm_channel_busy";
constexpr std::string_view channel_not_found = "invalid_batch_settlement_evm_channel_not_found";
constexpr std::string_view channel_id_mismatch = "invalid_batch_settlement_evm_channel_id_mismatch";
constexpr std::string_view token_mismatch = "invalid_batch_settlement_evm_token_mismatch";
constexpr std::string_view receiver_mismatch = "invalid_batch_settlement_evm_receiver_mismatch";
constexpr std::string_view receiver_authorizer_mismatch =
    "invalid_batch_settlement_evm_receiver_authorizer_mismatch";
constexpr std::string_view withdraw_delay_mismatch =
    "invalid_batch_settlement_evm_withdraw_delay_mismatch";
constexpr std::string_view voucher_signature = "invalid_batch_settlement_evm_voucher_signature";
constexpr std::string_view payload_type = "invalid_batch_settlement_evm_payload_type";
constexpr std::string_view deposit_below_min_deposit =
    "invalid_batch_settlement_evm_deposit_below_min_deposit";
constexpr std::string_view deposit_transaction_failed =
    "invalid_batch_settlement_evm_deposit_transaction_failed";
constexpr std::string_view deposit_insufficient_balance =
    "invalid_batch_settlement_evm_insufficient_balance";
constexpr std::string_view deposit_valid_after =
    "invalid_batch_settlement_evm_payload_authorization_valid_after";
constexpr std::string_view deposit_valid_before =
    "invalid_batch_settlement_evm_payload_authorization_valid_before";
constexpr std::string_view deposit_signature =
    "invalid_batch_settlement_evm_receive_authorization_signature";
constexpr std::string_view erc3009_authorization_required =
    "invalid_batch_settlement_evm_erc3009_authorization_required";
constexpr std::string_view refund_no_balance = "invalid_batch_settlement_evm_refund_no_balance";
constexpr std::string_view refund_amount_invalid =
    "invalid_batch_settlement_evm_refund_amount_invalid";
constexpr std::string_view refund_transaction_failed =
    "invalid_batch_settlement_evm_refund_transaction_failed";

// Scheme exact.
constexpr std::string_view exact_signature = "invalid_exact_evm_signature";
constexpr std::string_view exact_recipient_mismatch = "invalid_exact_evm_recipient_mismatch";
constexpr std::string_view exact_value_mismatch =
    "invalid_exact_evm_payload_authorization_value_mismatch";
constexpr std::string_view exact_valid_after =
    "invalid_exact_evm_payload_authorization_valid_after";
constexpr std::string_view exact_valid_before =
    "invalid_exact_evm_payload_authorization_valid_before";
constexpr std::string_view exact_nonce_already_used = "invalid_exact_evm_nonce_already_used";
constexpr std::string_view exact_insufficient_balance = "invalid_exact_evm_insufficient_balance";
constexpr std::string_view exact_transaction_failed = "invalid_exact_evm_transaction_failed";

// Scheme upto.
constexpr std::string_view upto_signature = "invalid_permit2_signature";
constexpr std::string_view upto_spender = "invalid_permit2_spender";
constexpr std::string_view upto_recipient_mismatch = "invalid_permit2_recipient_mismatch";
constexpr std::string_view upto_facilitator_mismatch = "upto_facilitator_mismatch";
constexpr std::string_view upto_amount_mismatch = "permit2_amount_mismatch";
constexpr std::string_view upto_token_mismatch = "permit2_token_mismatch";
constexpr std::string_view upto_not_yet_valid = "permit2_not_yet_valid";
constexpr std::string_view upto_deadline_expired = "permit2_deadline_expired";
constexpr std::string_view upto_nonce_already_used = "permit2_invalid_nonce";
constexpr std::string_view upto_insufficient_balance = "permit2_insufficient_balance";
constexpr std::string_view upto_transaction_failed = "invalid_upto_evm_transaction_failed";

constexpr std::string_view unsupported_scheme = "unsupported_scheme";

// Scheme hash-chain, which is ours.
constexpr std::string_view chain_unknown = "invalid_hash_chain_unknown";
constexpr std::string_view chain_terms = "invalid_hash_chain_terms";
constexpr std::string_view chain_index = "invalid_hash_chain_index";
constexpr std::string_view chain_link = "invalid_hash_chain_link";
constexpr std::string_view chain_signature = "invalid_hash_chain_signature";

// Ours: the packages have no word for them.
constexpr std::string_view accepted_not_offered = "accepted_not_offered";
constexpr std::string_view withdrawal_ending = "invalid_batch_settlement_evm_withdrawal_ending";

}  // namespace node::x402
