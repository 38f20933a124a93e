#pragma once

#include "wallet/cli/session.hpp"

#include <CLI/CLI.hpp>

/// One file per group of commands; each adds its subcommands, whose callbacks run with the
/// session and throw a Failure.
namespace wallet::cli {

void add_key_commands(CLI::App&, Session&);
void add_account_commands(CLI::App&, Session&);
void add_transaction_commands(CLI::App&, Session&);
void add_block_commands(CLI::App&, Session&);
void add_host_commands(CLI::App&, Session&);
void add_model_commands(CLI::App&, Session&);
void add_new_model_command(CLI::App& model, Session&);
void add_publish_command(CLI::App& model, Session&);
void add_fetch_model_command(CLI::App& model, Session&);
void add_agree_commands(CLI::App& model, Session&);
void add_api_command(CLI::App& model, Session&);
void add_compare_command(CLI::App& model, Session&);
void add_eval_command(CLI::App&, Session&);
void add_channel_commands(CLI::App&, Session&);
void add_infer_command(CLI::App&, Session&);
void add_pass_commands(CLI::App&, Session&);
void add_credit_commands(CLI::App&, Session&);
void add_checkpoint_commands(CLI::App&, Session&);
void add_validator_commands(CLI::App&, Session&);
void add_master_commands(CLI::App&, Session&);
void add_data_commands(CLI::App&, Session&);
void add_dataset_commands(CLI::App& data, Session&);
void add_collect_command(CLI::App& data, Session&);
void add_sale_commands(CLI::App& data, Session&);
void add_annotate_commands(CLI::App& data, Session&);
void add_gpu_commands(CLI::App&, Session&);
void add_lease_commands(CLI::App& gpu, Session&);
void add_verifier_duties(CLI::App& gpu, Session&);
void add_serve_command(CLI::App& gpu, Session&);
void add_verify_command(CLI::App& gpu, Session&);
void add_train_command(CLI::App&, Session&);
void add_config_commands(CLI::App&, Session&);

}  // namespace wallet::cli
