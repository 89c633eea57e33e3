"""health-wait: is the deployment really up, new, and does it stay so?"""
