"""What has been posted, remembered durably."""
